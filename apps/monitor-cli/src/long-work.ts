// Work that may take a while: with a bar on a terminal, and an end by signal that says how far it came. Interrupted is not
// done, so it ends with an error; what was done stays done, and asked again it goes on with the rest.
import { RefusedError } from '@jobhive/config';
import type { LongWork, Progress } from '@jobhive/queue';
import type { Setting } from './command.ts';
import { progressBar } from './print/progress.ts';

/** @param what is told on the bar and in the error: `retrying`, `clearing` */
export async function withProgress<T>(
  { stderr, clock, shutdown }: Setting,
  what: string,
  work: (options: LongWork) => Promise<T>,
): Promise<T> {
  const bar = progressBar(what, stderr, () => clock.monotonicMs());
  let last: Progress = { done: 0, total: null };
  const onProgress = (progress: Progress): void => {
    last = progress;
    bar.show(progress);
  };
  let failure: unknown;
  try {
    const result = await work({ signal: shutdown, onProgress });
    if (!shutdown.aborted || (last.total !== null && last.done >= last.total)) return result;
  } catch (error) {
    if (!shutdown.aborted) throw error;
    failure = error;
  } finally {
    bar.end();
  }
  // Only the echo of the signal is left out as a cause: with it, the end would count as one in good order.
  const cause = failure === shutdown.reason ? {} : { cause: failure };
  throw new RefusedError(
    `interrupted while ${what}; ${String(last.done)} were done, run the command again for the rest`,
    { code: 'interrupted', ...cause },
  );
}
