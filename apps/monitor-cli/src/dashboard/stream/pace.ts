// How long to wait before the next look at the queue. Pure. While work moves, up to four looks a second; when it rests,
// fewer and fewer; and never so often that looking takes more than a fifth of the time, however large the tables are.
export interface Look {
  /** Whether this look saw that work moved. */
  readonly moved: boolean;
  readonly tookMs: number;
}

const MOVING_MS = 300;
const RESTING_MS = 1250;
const SLOWER = 1.5;
const SHARE = 4;
const LONGEST_MS = 5000;

/** @param lastMs the wait before this look */
export function nextWaitMs(lastMs: number, { moved, tookMs }: Look): number {
  const wanted = moved ? MOVING_MS : Math.min(RESTING_MS, Math.max(MOVING_MS, lastMs) * SLOWER);
  return Math.min(LONGEST_MS, Math.max(wanted, tookMs * SHARE));
}

export const FIRST_WAIT_MS = MOVING_MS;
/** Between looks while a store is away. */
export const AWAY_WAIT_MS = 1000;
