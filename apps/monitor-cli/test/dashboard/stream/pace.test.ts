// How often the queue is looked at: quick while work moves, slower at rest, never more than a share of the time.
import { describe, expect, it } from 'vitest';
import { FIRST_WAIT_MS, nextWaitMs } from '../../../src/dashboard/stream/pace.ts';

const rest = (tookMs: number, looks: number): number[] => {
  const waits: number[] = [];
  for (let waitMs = FIRST_WAIT_MS; waits.length < looks;)
    waits.push((waitMs = nextWaitMs(waitMs, { moved: false, tookMs })));
  return waits;
};

describe('the wait before the next look', () => {
  it('is over 250 ms while work moves: at most four looks a second', () => {
    expect(nextWaitMs(1250, { moved: true, tookMs: 1 })).toBe(300);
  });

  it('grows at rest, so that an idle queue costs less than five commands of Redis a second', () => {
    const waits = rest(1, 10);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    // A look at Redis: a ping, and a script with two commands in it.
    expect((4 * 1000) / (waits.at(-1) ?? 0)).toBeLessThan(5);
  });

  it('is four times what a slow look took, up to five seconds', () => {
    expect(nextWaitMs(300, { moved: true, tookMs: 200 })).toBe(800);
    expect(nextWaitMs(300, { moved: true, tookMs: 60_000 })).toBe(5000);
  });
});
