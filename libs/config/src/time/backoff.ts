/**
 * How long to wait before the next try: doubled each time, never above the cap. Pure: with `random` (0 ≤ x < 1) the wait
 * is spread over its upper half, so that many who lost the same server do not come back at once; without it, exact.
 */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
  readonly random?: () => number;
}

/** Milliseconds before try number `attempt`, which counts from 1; what is below counts as 1. */
export function cappedBackoff(attempt: number, { baseMs, capMs, random }: Backoff): number {
  const doublings = Math.max(0, attempt - 1);
  const fullMs = Math.min(capMs, baseMs * 2 ** doublings);
  return random === undefined ? fullMs : fullMs / 2 + (fullMs / 2) * random();
}
