// What is in Redis, in one call and so of one moment (hazard 19).
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';
import { defineScript, runScript } from '../redis/script.ts';

export interface Peek {
  /** Redis holds all that waits. */
  readonly whole: boolean;
  /** Changes when the server restarts. */
  readonly runId: string;
  /** Entries in all; those in line and those in hands make up the same number, else something was lost between. */
  readonly entries: number;
  readonly waiting: number;
  readonly active: number;
}

/** KEYS whole, jobs, waiting, active */
const PEEK = defineScript<Peek>(
  'peek',
  `return { redis.call('EXISTS', KEYS[1]), string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or '',
  redis.call('HLEN', KEYS[2]), redis.call('LLEN', KEYS[3]), redis.call('LLEN', KEYS[4]) }`,
  (raw) => {
    const [whole, runId, entries, waiting, active] = raw as [number, string, number, number, number]; // as the script returns it
    return { whole: whole === 1, runId, entries, waiting, active };
  },
);

export function peek(store: RedisStore, keys: Keys): Promise<Peek> {
  return store.run((client) => runScript(client, PEEK, [keys.whole, keys.jobs, keys.waiting, keys.active], []));
}

/** Ids in hands, at most `max`. */
export function activeIds(store: RedisStore, keys: Keys, max: number): Promise<string[]> {
  return store.run((client) => client.lrange(keys.active, 0, max - 1));
}
