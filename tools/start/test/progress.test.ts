import { describe, expect, it } from 'vitest';
import { progressLine } from '../src/progress.ts';

const none = { discovered: 0, queued: 0, processing: 0, processed: 0, failed: 0, cancelled: 0 };

describe('progressLine', () => {
  it('fills with what is settled, and counts what is not', () => {
    const counts = { ...none, queued: 10, processing: 2, processed: 11, failed: 1 };
    const line = progressLine({ counts, active: 3, ratePerMinute: 119.6 });
    expect(line).toBe(
      '████████████░░░░░░░░░░░░ 12/24 · 11 processed · 2 in hand · 10 waiting · 1 failed · 3 workers · 120 a minute',
    );
  });

  it('is full when there is nothing to do', () => {
    expect(progressLine({ counts: none, active: 0, ratePerMinute: 0 })).toContain('████████████████████████ 0/0');
  });
});
