import { describe, expect, it } from 'vitest';
import { estimateWaitSeconds, firstPlace, parsePace } from '../../src/dispatch/position.ts';

it('the first place of very many is found', () => {
  const jobs = Array.from({ length: 200_000 }, (_, i) => ({ jobId: String(i), queueSeq: 300_000 - i }));
  expect(firstPlace(jobs)).toBe(100_001);
});

describe('the estimated wait', () => {
  it.each([
    [1, 1, 1000, 0],
    [2, 1, 1000, 1],
    [3, 2, 1000, 1],
    [100, 4, 2500, 60],
    [2, 1, 0.4, 0],
    [6, 1, 0.4, 0.002],
  ])('of place %i with %i slots of %i ms is %i s', (position, slots, meanMs, seconds) => {
    expect(estimateWaitSeconds(position, { slots, meanMs })).toBe(seconds);
  });

  it('is not known without a place or a pace', () => {
    expect(estimateWaitSeconds(null, { slots: 1, meanMs: 1 })).toBeNull();
    expect(estimateWaitSeconds(1, null)).toBeNull();
  });
});

describe('the pace as it stands in Redis', () => {
  it.each([
    ['2 12.500', { slots: 2, meanMs: 12.5 }],
    ['1 0', { slots: 1, meanMs: 0 }],
    [null, null],
    ['', null],
    ['0 5', null],
    ['2', null],
    ['two 5', null],
    ['2 -1', null],
  ])('%j', (text, pace) => {
    expect(parsePace(text)).toEqual(pace);
  });
});
