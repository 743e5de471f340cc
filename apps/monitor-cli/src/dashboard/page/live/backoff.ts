// How long to wait before the next try of a lost stream: doubling from half a second to ten, spread by half so that a thousand
// pages do not come back in one moment. Pure.

const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/** @param failures so far, from 1; @param random in [0, 1) */
export function retryDelayMs(failures: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(16, failures - 1));
  return Math.round(full * (0.5 + random / 2));
}
