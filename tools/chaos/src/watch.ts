/** How far the run is, asked of Postgres once a second while it answers; the last answer stands while it does not. */
import { setTimeout as pause } from 'node:timers/promises';
import type { InFlight } from './inject.ts';
import type { World } from './world.ts';

export interface Standing extends InFlight {
  readonly settled: number;
  readonly discovered: number;
}

export interface Watch {
  readonly now: Standing;
  stop(): Promise<void>;
}

const EVERY_MS = 1000;
const NOTHING: Standing = { processing: 0, waiting: 0, settled: 0, discovered: 0 };

export function startWatch({ admin }: World, onLook: (standing: Standing) => void): Watch {
  const stopping = new AbortController();
  let now = NOTHING;
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      now = (await look(admin)) ?? now;
      onLook(now);
      await pause(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined); // it was stopped
    }
  };
  const looking = loop();
  return {
    get now() {
      return now;
    },
    stop: async () => {
      stopping.abort();
      await looking;
    },
  };
}

async function look(admin: World['admin']): Promise<Standing | undefined> {
  try {
    const { rows } = await admin.query<Standing>(`SELECT
      count(*) FILTER (WHERE status = 'processing')::int AS processing, count(*) FILTER (WHERE status = 'queued')::int AS waiting,
      count(*) FILTER (WHERE status IN ('processed', 'failed', 'cancelled'))::int AS settled,
      count(*) FILTER (WHERE status = 'discovered')::int AS discovered FROM application_tracking`);
    return rows[0];
  } catch {
    return undefined; // a fault of ours has it down
  }
}
