import type { Claim, Outcome } from '@jobhive/db';
import { describe, expect, it } from 'vitest';
import { judgeOutcome, type RunEnd, type StopCause } from '../../src/attempt/judge-outcome.ts';
import { retryDelaySeconds } from '../../src/attempt/retry-schedule.ts';
import { stageOf } from '../stores.ts';

const policy = { retriesMax: 3, delaysSeconds: [5, 15, 45] };

function claimOf(over: Partial<Claim> = {}): Claim {
  const job = {
    id: 'a',
    source: 's',
    external_id: 'e',
    title: 't',
    company: 'c',
    location: null,
    url: null,
    description: null,
    posted_at: null,
  };
  return {
    jobId: 'a',
    token: 't',
    attempt: 1,
    retryAfterCount: 0,
    job,
    stageOutputs: {},
    errorInfo: null,
    waitedMs: 0,
    ...over,
  };
}
const broken = (over: Partial<Extract<RunEnd, { kind: 'failed' }>> = {}): RunEnd => ({
  kind: 'failed',
  failure: { name: 'Error', message: 'it broke', stack: null, stage: 'match', reason: 'error' },
  permanent: false,
  retryAfterSeconds: undefined,
  ...over,
});
const judge = (end: RunEnd, cause?: StopCause, over: Partial<Claim> = {}): Outcome =>
  judgeOutcome({ claim: claimOf(over), cause, end, policy, workerName: 'w', at: '2026-01-01T00:00:00.000Z' });

const last = stageOf('match');
const table: [string, RunEnd, StopCause | undefined, Partial<Claim>, object][] = [
  ['done', { kind: 'done', last }, undefined, {}, { kind: 'processed', last }],
  ['done, though a cancel came at the end', { kind: 'done', last }, 'cancel', {}, { kind: 'processed' }],
  ['done, though the worker stops', { kind: 'done', last }, 'shutdown', {}, { kind: 'processed' }],
  ['a checkpoint was refused', { kind: 'stale' }, undefined, {}, { kind: 'stale' }],
  ['a checkpoint was refused while a cancel was wanted', { kind: 'stale' }, 'cancel', {}, { kind: 'stale' }],
  ['stopped, for the claim is lost', broken(), 'stale', {}, { kind: 'stale' }],
  ['stopped by a cancel', broken(), 'cancel', {}, { kind: 'cancelled' }],
  ['stopped by a shutdown', broken(), 'shutdown', {}, { kind: 'given_back', reason: 'shutdown' }],
  [
    'stopped by a shutdown, though the error is permanent',
    broken({ permanent: true }),
    'shutdown',
    {},
    { kind: 'given_back' },
  ],
  ['no space for documents', { kind: 'no_space' }, undefined, {}, { kind: 'given_back', reason: 'no_space' }],
  ['no thread to run in', { kind: 'no_thread' }, undefined, {}, { kind: 'given_back', reason: 'no_thread' }],
  ['no space and a cancel', { kind: 'no_space' }, 'cancel', {}, { kind: 'cancelled' }],
  ['first failure', broken(), undefined, {}, { kind: 'retry', delaySeconds: 5, spendsAttempt: true }],
  ['third failure', broken(), undefined, { attempt: 3 }, { kind: 'retry', delaySeconds: 45, spendsAttempt: true }],
  ['the last failure', broken(), undefined, { attempt: 4 }, { kind: 'failed' }],
  ['a permanent failure', broken({ permanent: true }), undefined, {}, { kind: 'failed' }],
  [
    'asked to come later',
    broken({ retryAfterSeconds: 2.5 }),
    undefined,
    { attempt: 4 },
    { kind: 'retry', delaySeconds: 2.5, spendsAttempt: false },
  ],
  [
    'asked to come later at once',
    broken({ retryAfterSeconds: 0 }),
    undefined,
    {},
    { kind: 'retry', delaySeconds: 0, spendsAttempt: false },
  ],
  [
    'asked to come later for the 21st time',
    broken({ retryAfterSeconds: 2 }),
    undefined,
    { retryAfterCount: 20 },
    { kind: 'retry', delaySeconds: 5, spendsAttempt: true },
  ],
  [
    'the same on the last attempt',
    broken({ retryAfterSeconds: 2 }),
    undefined,
    { retryAfterCount: 20, attempt: 4 },
    { kind: 'failed' },
  ],
];

describe('the outcome of an attempt', () => {
  it.each(table)('%s', (_what, end, cause, over, outcome) => {
    expect(judge(end, cause, over)).toMatchObject(outcome);
  });

  it('carries the error with those of the attempts before', () => {
    const first = judge(broken());
    const before = 'error' in first ? first.error : null;
    expect(judge(broken(), undefined, { attempt: 2, errorInfo: before })).toMatchObject({
      error: { attempt: 2, worker_name: 'w', previous: [{ attempt: 1 }] },
    });
  });
});

describe('the delay before the next attempt', () => {
  it.each([
    [{ retriesMax: 3, delaysSeconds: [5, 15, 45] }, [5, 15, 45, undefined]],
    [{ retriesMax: 4, delaysSeconds: [5, 15] }, [5, 15, 15, 15, undefined]],
    [{ retriesMax: 1, delaysSeconds: [5, 15, 45] }, [5, undefined]],
    [{ retriesMax: 0, delaysSeconds: [5] }, [undefined]],
    [{ retriesMax: 1, delaysSeconds: [] }, [0, undefined]],
  ])('follows the schedule, whose last entry repeats: %o', (schedule, delays) => {
    expect(delays.map((_, i) => retryDelaySeconds(i + 1, schedule))).toEqual(delays);
  });
});
