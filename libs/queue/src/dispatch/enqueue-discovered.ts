// All that is discovered, in order of discovery, page by page; where the enqueue budget is used up it waits, and a signal
// ends the wait. The next page's rows are read while the last one is pushed.
import { sleep } from '@jobhive/config';
import type { TrackingRepository, WaitingJob } from '@jobhive/db';
import type { EnqueueResult, LongWork } from '../job-queue.ts';
import type { Enqueuer } from './enqueue.ts';

const PAGE = 2500;
/** The budget slides: asking every second takes what has become free. */
const BUDGET_LOOK_MS = 1000;

export interface DiscoveredOptions extends LongWork {
  readonly auto: boolean;
  /** Who asks, for the history, where a person does. */
  readonly by?: string | undefined;
  readonly onEnqueued?: ((results: readonly EnqueueResult[]) => void) | undefined;
}

export async function enqueueDiscovered(
  repository: TrackingRepository,
  enqueuer: Enqueuer,
  options: DiscoveredOptions,
): Promise<number> {
  const read = (after: number): Promise<WaitingJob[]> =>
    options.auto ? repository.autoEnqueuePage(after, PAGE) : repository.discoveredPage(after, PAGE);
  let done = 0;
  const enqueuePage = async (jobIds: readonly string[]): Promise<void> => {
    let left = jobIds;
    while (left.length > 0) {
      options.signal?.throwIfAborted();
      const { results, limited } = await enqueuer.enqueueEach(left, options.by);
      done += results.filter((result) => !result.already_queued).length;
      if (results.length > 0) options.onEnqueued?.(results);
      options.onProgress?.({ done, total: null });
      left = limited;
      if (left.length > 0) await sleep(BUDGET_LOOK_MS, options.signal);
    }
  };
  for (let page = await read(0); page.length > 0;) {
    const last = page.at(-1)?.queueSeq ?? 0;
    const [next] = await Promise.all([read(last), enqueuePage(page.map((job) => job.jobId))]);
    page = next;
  }
  return done;
}
