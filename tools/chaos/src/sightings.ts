/**
 * What workers have taken, as Redis tells it in many looks a second: for each id the times in which it stood in the list of the
 * taken. A look that fails (Redis is down) is none: what is seen before and after it was there meanwhile, as far as anybody can tell.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Sighting } from './evidence.ts';
import { QUEUE } from './read-redis.ts';
import type { World } from './world.ts';

const EVERY_MS = 100;

export interface Sightings {
  readonly taken: ReadonlyMap<string, readonly Sighting[]>;
  stop(): Promise<void>;
}

export function startSightings({ redisAdmin }: Pick<World, 'redisAdmin'>): Sightings {
  const stopping = new AbortController();
  const notes = createNotes();
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const ids = await redisAdmin.lrange(`bq:${QUEUE.queue}:active`, 0, -1).catch(() => undefined); // a fault of ours has it down
      if (ids !== undefined) notes.look(ids, Date.now());
      await pause(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined); // it was stopped
    }
  };
  const looking = loop();
  return {
    taken: notes.taken,
    stop: async () => {
      stopping.abort();
      await Promise.race([looking, pause(EVERY_MS)]); // a look at a Redis that is down may wait for it
    },
  };
}

/** One sighting goes on for as long as each look finds the id. */
export function createNotes(): {
  readonly taken: ReadonlyMap<string, readonly Sighting[]>;
  readonly look: (ids: readonly string[], atMs: number) => void;
} {
  const taken = new Map<string, Sighting[]>();
  let open = new Map<string, Sighting>();
  let lookedMs = 0;
  return {
    taken,
    look: (ids, atMs) => {
      const still = new Map<string, Sighting>();
      for (const id of ids) {
        const sighting = open.get(id) ?? { afterMs: lookedMs, fromMs: atMs, toMs: atMs };
        if (!open.has(id)) taken.set(id, [...(taken.get(id) ?? []), sighting]);
        sighting.toMs = atMs;
        still.set(id, sighting);
      }
      open = still;
      lookedMs = atMs;
    },
  };
}
