// A job that has to run alone waits in `active`, unclaimed, until its worker has nothing else in hand, which may take as long as
// a job does. So that it is not taken for lost and handed to one worker after another, each of which would then stop taking, its
// worker says that it waits, again and again; what it said expires with the worker.
import { describeError, type Logger } from '@jobhive/config';
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';

const SAID_AGAIN_MS = 500;
/** Once its worker is gone somebody else is to have the job as soon as any other. */
const SAID_FOR_MS = 1500;

const keyOf = (keys: Keys, jobId: string): string => `${keys.awaited}:${jobId}`;

/** Says that `jobId` is awaited until `wait` is over. @returns what `wait` comes to */
export async function whileAwaited<T>(
  { store, keys, log }: { store: RedisStore; keys: Keys; log: Logger },
  jobId: string,
  wait: Promise<T>,
): Promise<T> {
  const say = (): void => {
    if (!store.isReady) return; // away: nobody is given anything meanwhile
    store
      .run((client) => client.set(keyOf(keys, jobId), '1', 'PX', SAID_FOR_MS))
      .catch((error: unknown) => {
        log.event('queue.error', { job_id: jobId, ...describeError(error) });
      });
  };
  say();
  const timer = setInterval(say, SAID_AGAIN_MS);
  try {
    return await wait;
  } finally {
    clearInterval(timer);
  }
}

/** Of these ids, those that a living worker waits for. */
export async function awaitedOf(store: RedisStore, keys: Keys, jobIds: readonly string[]): Promise<Set<string>> {
  const there = await store.run((client) => Promise.all(jobIds.map((jobId) => client.exists(keyOf(keys, jobId)))));
  return new Set(jobIds.filter((_, i) => there[i] === 1));
}
