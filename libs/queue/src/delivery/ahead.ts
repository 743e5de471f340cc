// How many ids a worker may hold ahead of its slots: ten milliseconds of its work, at most 64, none at first and none
// once a job takes ten milliseconds itself. So no job waits behind a long one, and a fleet shares evenly. Pure but for
// the average it keeps.

const WORK_AHEAD_MS = 10;
const AHEAD_MAX = 64;
const WEIGHT = 0.1;
/** Jobs seen before the average is believed. */
const SEEN_MIN = 5;

export interface AheadPolicy {
  note(durationMs: number): void;
  readonly allowed: number;
  /** Moving average of a job's time in its slot; undefined before the first. */
  readonly meanMs: number | undefined;
}

export function createAheadPolicy(slots: number): AheadPolicy {
  let meanMs: number | undefined;
  let seen = 0;
  return {
    note: (durationMs) => {
      seen += 1;
      meanMs = meanMs === undefined ? durationMs : meanMs + WEIGHT * (durationMs - meanMs);
      // One long job at once ends the taking ahead; the average alone would forget it too slowly.
      if (durationMs >= WORK_AHEAD_MS) meanMs = Math.max(meanMs, durationMs);
    },
    get allowed() {
      if (meanMs === undefined || seen < SEEN_MIN || meanMs >= WORK_AHEAD_MS) return 0;
      return Math.min(AHEAD_MAX, Math.floor((WORK_AHEAD_MS / Math.max(meanMs, 0.05)) * slots));
    },
    get meanMs() {
      return meanMs;
    },
  };
}
