/**
 * How long after a fault the work went on at 95 % of its earlier rate. The rate is of stages recorded: over the five seconds
 * before the fault, and in a window of two seconds that slides on from its end. Faults overlap, so this is what they did together:
 * the median of a kind tells more than its worst. One after which it did not within a minute counts as a minute, and is told: it was
 * at least that. What cannot be known is told, too: there was no rate before, or the load ended first.
 */
import type { Evidence, Injected } from './evidence.ts';

const BEFORE_MS = 5000;
const WINDOW_MS = 2000;
const STEP_MS = 100;
const SHARE = 0.95;
export const LOOK_MS_MAX = 60_000;
/** Fewer than this within the time before tell no rate. */
const STAGES_MIN = 10;

/** For each fault in order, ms from its end, `LOOK_MS_MAX` where it was not back by then; undefined where that cannot be known. */
export function recoveries({ events, faults }: Evidence): (number | undefined)[] {
  const times = events
    .filter(({ event }) => event === 'stage_finished')
    .map(({ atMs }) => atMs)
    .sort((a, b) => a - b);
  const between = (from: number, to: number): number => position(times, to) - position(times, from);
  return faults.map((fault) => recovery(fault, between, times.at(-1) ?? 0));
}

function recovery(
  { fromMs, toMs }: Injected,
  between: (from: number, to: number) => number,
  lastMs: number,
): number | undefined {
  const before = between(fromMs - BEFORE_MS, fromMs);
  if (before < STAGES_MIN) return undefined;
  const needed = (before / BEFORE_MS) * WINDOW_MS * SHARE;
  for (let from = toMs; from - toMs < LOOK_MS_MAX; from += STEP_MS) {
    if (from + WINDOW_MS >= lastMs) return undefined;
    if (between(from, from + WINDOW_MS) >= needed) return from - toMs;
  }
  return LOOK_MS_MAX;
}

/** How many are earlier. */
function position(times: readonly number[], ms: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? Infinity) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
