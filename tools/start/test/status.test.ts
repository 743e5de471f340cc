import { describe, expect, it } from 'vitest';
import { parseStatus, settled } from '../src/status.ts';

const counts = { discovered: 2, queued: 0, processing: 0, processed: 5, failed: 1, cancelled: 0 };

describe('parseStatus', () => {
  it('reads what the contract promises, also while Redis is away', () => {
    const line = JSON.stringify({
      queue: 'q',
      counts,
      workers: { active: null, list: [] },
      rate_per_minute: 12,
      more: true,
    });
    expect(parseStatus(line)).toEqual({ counts, active: 0, ratePerMinute: 12 });
  });

  it.each(['', 'error: no', '{}', '{"counts":{"queued":"1"},"workers":{"active":1}}'])(
    'takes %j for no status',
    (line) => {
      expect(parseStatus(line)).toBeUndefined();
    },
  );
});

describe('settled', () => {
  it.each([
    [{ queued: 1 }, false],
    [{ processing: 1 }, false],
    [{ discovered: 9 }, true],
  ])('with %j is %j', (change, expected) => {
    expect(settled({ counts: { ...counts, ...change }, active: 3, ratePerMinute: 0 })).toBe(expected);
  });
});
