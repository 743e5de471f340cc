/**
 * How far the run is, asked of Postgres once a second while it answers; the last answer stands while it does not. And who compares the
 * stores: each change of hands is noted when it is seen.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Handover } from './evidence.ts';
import type { InFlight } from './inject.ts';
import type { World } from './world.ts';

export interface Standing extends InFlight {
  readonly settled: number;
  readonly discovered: number;
}

export interface Watch {
  readonly now: Standing;
  readonly handovers: readonly Handover[];
  stop(): Promise<void>;
}

const EVERY_MS = 1000;
const NOTHING: Look = { processing: 0, waiting: 0, settled: 0, discovered: 0, term: 0, holder: null };

interface Look extends Standing {
  /** Goes up each time that somebody else compares the stores. */
  readonly term: number;
  /** Who does, by the id that a worker bears in the record. */
  readonly holder: string | null;
}

export function startWatch({ admin, redisAdmin }: World, onLook: (standing: Standing) => void): Watch {
  const stopping = new AbortController();
  const handovers: Handover[] = [];
  const names = new Map<string, string>();
  let now = NOTHING;
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const seen = (await look(admin)) ?? now;
      if (seen.term !== now.term) handovers.push({ atMs: Date.now(), from: names.get(now.holder ?? '') });
      for (const [id, name] of await livingNames(redisAdmin)) names.set(id, name);
      now = seen;
      onLook(now);
      await pause(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined); // it was stopped
    }
  };
  const looking = loop();
  return {
    get now() {
      return now;
    },
    handovers,
    stop: async () => {
      stopping.abort();
      await looking;
    },
  };
}

async function look(admin: World['admin']): Promise<Look | undefined> {
  try {
    const { rows } = await admin.query<Look>(`SELECT
      coalesce((SELECT term FROM leases WHERE name = 'reconciler'), 0)::float8 AS term,
      (SELECT holder FROM leases WHERE name = 'reconciler') AS holder,
      count(*) FILTER (WHERE status = 'processing')::int AS processing, count(*) FILTER (WHERE status = 'queued')::int AS waiting,
      count(*) FILTER (WHERE status IN ('processed', 'failed', 'cancelled'))::int AS settled,
      count(*) FILTER (WHERE status = 'discovered')::int AS discovered FROM application_tracking`);
    return rows[0];
  } catch {
    return undefined; // a fault of ours has it down
  }
}

/** Ids and names of those that beat in Redis. */
async function livingNames(redisAdmin: World['redisAdmin']): Promise<[id: string, name: string][]> {
  if (redisAdmin.status !== 'ready') return [];
  const asked = redisAdmin.hgetall('jobhive:workers').catch(() => ({})); // a fault of ours has it down
  const workers = await Promise.race([asked, pause(EVERY_MS, {})]); // which it may be from now on
  return Object.entries(workers).map(([name, told]) => [String(told).split(' ')[0] ?? '', name]);
}
