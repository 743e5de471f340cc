import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cappedBackoff, systemClock } from '../../src/index.ts';

it('doubles with each try, up to the cap', () => {
  const waits = [1, 2, 3, 4, 5, 5_000].map((attempt) => cappedBackoff(attempt, { baseMs: 100, capMs: 1_000 }));
  expect(waits).toEqual([100, 200, 400, 800, 1_000, 1_000]);
});

it('takes a try below the first as the first', () => {
  expect(cappedBackoff(0, { baseMs: 100, capMs: 1_000 })).toBe(100);
});

it('spreads over the upper half of the wait, and never above the cap', () => {
  const seed = 20_261_124;
  const attempts = fc.integer({ min: 0, max: 10_000 });
  const shares = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(attempts, shares, (attempt, share) => {
      const exactMs = cappedBackoff(attempt, { baseMs: 50, capMs: 2_000 });
      const spreadMs = cappedBackoff(attempt, { baseMs: 50, capMs: 2_000, random: () => share });
      expect(spreadMs).toBeGreaterThanOrEqual(exactMs / 2);
      expect(spreadMs).toBeLessThanOrEqual(Math.min(exactMs, 2_000));
    }),
    { seed },
  );
});

it('has a wall clock, and a monotonic one that never goes back', () => {
  expect(Math.abs(systemClock.now().getTime() - Date.now())).toBeLessThan(1_000);
  const before = systemClock.monotonicMs();
  expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(before);
});
