/**
 * What `monitor-cli status --json` tells (contract.md, "Shapes"), as far as it is used here.
 */
export interface Counts {
  readonly discovered: number;
  readonly queued: number;
  readonly processing: number;
  readonly processed: number;
  readonly failed: number;
  readonly cancelled: number;
}

export interface Status {
  readonly counts: Counts;
  readonly active: number;
  readonly ratePerMinute: number;
}

/** One line of `status --watch --json`; undefined for anything else. */
export function parseStatus(line: string): Status | undefined {
  try {
    // The contract says so; what does not hold is undefined below, and no status.
    const { counts, workers, rate_per_minute } = JSON.parse(line) as {
      counts: Counts;
      workers: { active: number | null };
      rate_per_minute: number;
    };
    if (!Object.values(counts).every(Number.isInteger)) return undefined;
    return { counts, active: workers.active ?? 0, ratePerMinute: rate_per_minute };
  } catch {
    return undefined;
  }
}

/** Whether nothing is left to do. What is only discovered waits for somebody to enqueue it: the poll has ended before. */
export function settled({ counts }: Status): boolean {
  return counts.queued + counts.processing === 0;
}
