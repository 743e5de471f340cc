// Redis from Postgres: all that waits, in order, then the dead letters, then the mark that Redis is whole. Two at once do
// no harm. A Redis that is emptied in the middle forgets the rebuild, too, which begins anew at its next page, and sets no mark
// over what is missing.
// What is enqueued meanwhile is not pushed by its producer, is on record as behind, and comes with the pass after it.
import { randomUUID } from 'node:crypto';
import { createDeadLetterSet } from '../dead-letters/dead-letter-set.ts';
import { defineScript, runScript } from '../redis/script.ts';
import { dropGhosts, passWholeLine, passWholeRedisLine, type PassParts } from './pass.ts';

/** Longer than the dead letters of a large queue take. */
const FORGOTTEN_MS = 600_000;
const TRIES_MAX = 5;

/** KEYS rebuilding, whole · ARGV id. Sets the mark where this rebuild saw the whole life of this Redis. */
const FINISH = defineScript(
  'finish_rebuild',
  `if redis.call('SREM', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('SET', KEYS[2], '1')
return 1`,
  (raw) => Number(raw) === 1,
);

export interface Rebuilt {
  readonly dispatched: number;
  readonly dropped: number;
  readonly dead_letters: number;
}

/** Whether this Redis still knows of the rebuild; while it does, it does not forget it. */
async function isKnown({ store, keys }: PassParts, id: string): Promise<boolean> {
  const [known] = await store.run((client) =>
    Promise.all([client.sismember(keys.rebuilding, id), client.pexpire(keys.rebuilding, FORGOTTEN_MS)]),
  );
  return known === 1;
}

export async function rebuild(
  parts: PassParts,
  options: {
    /** Who asks, for the record, where a person does. */
    by?: string | undefined;
    signal?: AbortSignal | undefined;
    onProgress?: ((done: number) => void) | undefined;
    untold?: ReadonlySet<string> | undefined;
  } = {},
): Promise<Rebuilt> {
  const { store, keys, repository } = parts;
  const deadLetters = createDeadLetterSet(store, keys, repository);
  let dispatched = 0;
  for (let tried = 1; tried <= TRIES_MAX; tried += 1) {
    const id = randomUUID();
    const dropped = (await dropGhosts(parts)) + (await passWholeRedisLine(parts));
    await store.run((client) => client.multi().sadd(keys.rebuilding, id).pexpire(keys.rebuilding, FORGOTTEN_MS).exec());
    const missing = await passWholeLine(parts, 0, {
      anyway: true,
      minAgeMs: 0,
      reason: 'rebuild',
      untold: options.untold,
      onPage: async (done) => {
        options.signal?.throwIfAborted();
        options.onProgress?.(done);
        return isKnown(parts, id);
      },
    });
    if (missing === null) continue;
    dispatched += missing;
    const { missing: dead } = await deadLetters.mendAll();
    if (await store.run((client) => runScript(client, FINISH, [keys.rebuilding, keys.whole], [id]))) {
      const rebuilt = { dispatched, dropped, dead_letters: dead };
      if (dispatched > 0 || options.by !== undefined)
        await repository.recordSystemEvent('rebuilt', { ...rebuilt, by: options.by });
      return rebuilt;
    }
  }
  throw new Error(
    `Redis at ${store.where} was emptied ${String(TRIES_MAX)} times during the rebuild; find out by whom`,
  );
}
