// Which delay comes after which attempt. Pure.

export interface RetryPolicy {
  /** Retries after the first attempt. */
  readonly retriesMax: number;
  /** Seconds; the last repeats where there are fewer than retries. */
  readonly delaysSeconds: readonly number[];
}

/** @param attempt the attempt that failed, from 1. @returns seconds to the next one, or undefined after the last */
export function retryDelaySeconds(attempt: number, policy: RetryPolicy): number | undefined {
  if (attempt > policy.retriesMax) return undefined;
  return policy.delaysSeconds[Math.min(attempt, policy.delaysSeconds.length) - 1] ?? 0;
}
