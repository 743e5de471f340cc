// clear: what waits, or waits for a retry's time, back to `discovered` and out of Redis; never what is in processing. The
// record first: a worker that takes an entry meanwhile is told by its claim that the job is not its own.
import type { Logger } from '@jobhive/config';
import type { TrackingRepository } from '@jobhive/db';
import type { LongWork } from '../job-queue.ts';
import { passWholeRedisLine } from '../reconcile/pass.ts';
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';

const PAGE = 2000;

export async function clearQueue(
  parts: { repository: TrackingRepository; store: RedisStore; keys: Keys; log: Logger },
  by: string,
  work: LongWork = {},
): Promise<{ cleared: number }> {
  const { repository, store, log } = parts;
  await store.ping(); // with Redis away nothing is changed
  const upTo = await repository.lastQueueSeq();
  let cleared = 0;
  for (let more = true; more && work.signal?.aborted !== true;) {
    const page = await repository.clear(upTo, PAGE, by);
    cleared += page.cleared.length;
    more = page.more;
    work.onProgress?.({ done: cleared, total: null });
  }
  await passWholeRedisLine(parts);
  log.event('queue.cleared', { by, jobs: cleared });
  return { cleared };
}
