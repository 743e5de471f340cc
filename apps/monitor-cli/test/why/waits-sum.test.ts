// Law of `why`: whatever a job went through, its waits follow each other without gap or overlap from `queued` to the settling
// event or to now, and sum to the time on the wall.
import type { JobEvent, SystemEvent, TimelineEntry } from '@jobhive/db';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explain } from '../../src/why/explain.ts';
import { calm, event, job, now, system } from './history.ts';

/** What may follow what, in the lifecycle. */
const NEXT: Readonly<Record<string, readonly JobEvent[]>> = {
  queued: ['claimed', 'cancelled', 'cleared', 'dispatched', 'updated'],
  claimed: [
    'stage_finished',
    'processed',
    'failed',
    'retry_scheduled',
    'given_back',
    'worker_lost',
    'cancelled',
    'stale_write_refused',
  ],
  lost: ['claimed', 'failed', 'cancelled', 'dispatched'],
  failed: ['retried', 'discarded', 'closed'],
  settled: ['queued', 'updated'],
};
const STATE_AFTER: Readonly<Partial<Record<JobEvent, string>>> = {
  queued: 'queued',
  retried: 'queued',
  retry_scheduled: 'queued',
  given_back: 'queued',
  worker_lost: 'lost',
  claimed: 'claimed',
  stage_finished: 'claimed',
  failed: 'failed',
  processed: 'end',
  cancelled: 'settled',
  discarded: 'settled',
  cleared: 'settled',
};
const SYSTEM: readonly SystemEvent[] = [
  'paused',
  'resumed',
  'redis_away',
  'redis_back',
  'postgres_back',
  'worker_started',
];
const REASONS = ['shutdown', 'postgres_away', 'retry_after', 'error', 'not_in_redis', 'redis_behind'];

const step = fc.record({
  pick: fc.nat(99),
  gapMs: fc.integer({ min: -50, max: 20_000 }),
  delayMs: fc.nat(15_000),
  reason: fc.constantFrom(...REASONS),
});

function walk(steps: readonly { pick: number; gapMs: number; delayMs: number; reason: string }[]): TimelineEntry[] {
  const timeline: TimelineEntry[] = [event(0, 'queued')];
  let state = 'queued';
  let ms = 0;
  for (const { pick, gapMs, delayMs, reason } of steps) {
    const choices = NEXT[state] ?? [];
    const name = choices[pick % Math.max(1, choices.length)];
    if (name === undefined) break;
    ms += gapMs;
    timeline.push(
      event(ms / 1000, name, { detail: { delay_seconds: delayMs / 1000, reason, stage: `s${String(pick % 3)}` } }),
    );
    state = STATE_AFTER[name] ?? state;
  }
  return timeline;
}

/** The time on the wall, by the plainest reckoning: while queued or in hand, on the clock that never goes back. */
function wallMs(timeline: readonly TimelineEntry[], nowMs: number): { ms: number; open: boolean } {
  let ms = 0;
  let last = -Infinity;
  let open = false;
  for (const { at, event: name } of timeline) {
    const atMs = Math.max(last, Date.parse(at));
    if (open) ms += atMs - last;
    last = atMs;
    if (name === 'queued' || name === 'retried') open = true;
    if (['processed', 'failed', 'cancelled', 'discarded', 'cleared'].includes(name)) open = false;
  }
  return { ms: open ? ms + Math.max(last, nowMs) - last : ms, open };
}

describe('the waits of any history', () => {
  it('follow each other without gap or overlap, and sum to the time on the wall', () => {
    const history = fc.record({
      steps: fc.array(step, { maxLength: 25 }),
      system: fc.array(
        fc.record({
          ms: fc.integer({ min: -60_000, max: 300_000 }),
          name: fc.constantFrom(...SYSTEM),
          awayMs: fc.nat(30_000),
        }),
        { maxLength: 12 },
      ),
      nowMs: fc.nat(400_000),
      paused: fc.boolean(),
      redisOk: fc.boolean(),
      redisBehind: fc.constantFrom(null, 5, 9),
    });
    fc.assert(
      fc.property(history, ({ steps, system: events, nowMs, ...live }) => {
        const timeline = walk(steps);
        const entries = events.map(({ ms, name, awayMs }) => system(ms / 1000, name, { away_ms: awayMs }));
        const at = now(nowMs / 1000);
        const { waits } = explain({ job: job('queued'), timeline, system: entries }, { ...calm, ...live }, at);
        const wall = wallMs(timeline, at.getTime());
        expect(waits.reduce((sum, { ms }) => sum + ms, 0)).toBe(wall.ms);
        expect(waits.filter(({ to }) => to === null)).toHaveLength(wall.open ? 1 : 0);
        waits.forEach(({ from, to, ms }, index) => {
          const next = waits[index + 1];
          expect(ms).toBeGreaterThanOrEqual(0);
          if (to === null) expect(next).toBeUndefined();
          else expect(Date.parse(to) - Date.parse(from)).toBe(ms);
          if (next !== undefined && to !== null) expect(Date.parse(next.from)).toBeGreaterThanOrEqual(Date.parse(to));
        });
      }),
      { numRuns: 2000, seed: 20260301 },
    );
  });
});
