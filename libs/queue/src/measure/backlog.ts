// How much work waits for each worker: the figure to scale workers by. Pure. A worker is a slot here: one process with
// WORKER_CONCURRENCY 4 counts as four, so that the figure is the time in which those who live would empty the queue.

export interface BacklogFacts {
  readonly depth: number;
  /** Of the living workers; mean milliseconds of a job, null where it has done none yet. */
  readonly workers: readonly { readonly slots: number; readonly meanMs: number | null }[];
  /** Median of the last hour's attempts; null where there was none. */
  readonly medianMs: number | null;
}

/** What a job is taken to last while nothing is known of any. */
const UNKNOWN_MS = 1000;

/** Seconds; without a worker as if there were one, so that it can be scaled up from nothing. */
export function backlogSecondsPerWorker({ depth, workers, medianMs }: BacklogFacts): number {
  const means = workers.flatMap(({ meanMs }) => (meanMs === null ? [] : [meanMs]));
  const meanMs = means.length > 0 ? means.reduce((sum, ms) => sum + ms, 0) / means.length : (medianMs ?? UNKNOWN_MS);
  const slots = workers.reduce((sum, worker) => sum + worker.slots, 0);
  return (depth * meanMs) / 1000 / Math.max(1, slots);
}
