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
  readonly deadLetters: number;
}

/** KEYS whole, jobs, waiting, active, failed */
const PEEK = defineScript<Peek>(
  'peek',
  `return { redis.call('EXISTS', KEYS[1]), string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or '',
  redis.call('HLEN', KEYS[2]), redis.call('LLEN', KEYS[3]), redis.call('LLEN', KEYS[4]),
  redis.call('ZCARD', KEYS[5]) }`,
  (raw) => {
    const [whole, runId, ...counts] = raw as [number, string, number, number, number, number]; // as the script returns it
    const [entries, waiting, active, deadLetters] = counts;
    return { whole: whole === 1, runId, entries, waiting, active, deadLetters };
  },
);

export function peek(store: RedisStore, keys: Keys): Promise<Peek> {
  return store.run((client) =>
    runScript(client, PEEK, [keys.whole, keys.jobs, keys.waiting, keys.active, keys.failed], []),
  );
}

/** Ids in hands, at most `max`, behind the `from` that have been there for longest; the youngest first. */
export function activeIds(store: RedisStore, keys: Keys, from: number, max: number): Promise<string[]> {
  return store.run((client) => client.lrange(keys.active, -(from + max), -(from + 1)));
}
