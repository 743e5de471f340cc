import { describe, expect, it } from 'vitest';
import { createAheadPolicy } from '../../src/delivery/ahead.ts';

function after(durations: readonly number[], slots = 1): number {
  const policy = createAheadPolicy(slots);
  for (const ms of durations) policy.note(ms);
  return policy.allowed;
}
const times = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

describe('ids held ahead of the slots', () => {
  it('are none before five jobs were seen', () => {
    expect([after([]), after(times(4, 1)), after(times(5, 1))]).toEqual([0, 0, 10]);
  });

  it('are ten milliseconds of work, for all slots, at most 64', () => {
    expect([after(times(5, 5)), after(times(5, 5), 4), after(times(5, 0.001)), after(times(5, 1), 100)]).toEqual([
      2, 8, 64, 64,
    ]);
  });

  it('are none while jobs take ten milliseconds', () => {
    expect(after(times(20, 10))).toBe(0);
  });

  it('are none after a single long job, and come back as the average falls', () => {
    const policy = createAheadPolicy(1);
    for (const ms of times(20, 1)) policy.note(ms);
    policy.note(1000);
    expect(policy.allowed).toBe(0);
    for (const ms of times(60, 1)) policy.note(ms);
    expect(policy.allowed).toBeGreaterThan(0);
    expect(policy.meanMs).toBeGreaterThan(1);
  });
});
