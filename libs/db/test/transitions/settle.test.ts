import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SettleAsk } from '../../src/transitions/settle.ts';
import { claimed, errorOf, openRecord, processing, stageOf, workerLost, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

type Ending = SettleAsk['outcome'];
const retryIn = (delaySeconds: number, spendsAttempt = true): Ending => ({
  kind: 'retry',
  delaySeconds,
  spendsAttempt,
  error: errorOf({ reason: 'timeout' }),
});
const settle = async (held: { jobId: string; token: string }, outcome: Ending) =>
  (await record.repo.settle([{ jobId: held.jobId, token: held.token, outcome }]))[0];
const secondsUntil = (later: string | null, from: string | null): number =>
  (new Date(later ?? '').getTime() - new Date(from ?? '').getTime()) / 1000;

describe('processed', () => {
  it('records the last stage in the same commit, clears the error, and tells both', async () => {
    const first = await processing(record);
    await settle(first, retryIn(0));
    const claim = await claimed(record, first.jobId);
    const answer = await settle(claim, { kind: 'processed', last: stageOf('package', { attempt: 2 }) });
    expect(answer).toMatchObject({ verdict: 'done', status: 'processed' });
    expect(await record.row(claim.jobId)).toMatchObject({
      status: 'processed',
      attempt: 2,
      error_info: null,
      lease_until: null,
      holder: null,
      settled_as: 'processed',
      claim_token: claim.token,
      stage_outputs: { package: { output: { score: 0.8 }, attempt: 2, token: claim.token } },
    });
    const events = await record.events(claim.jobId);
    expect(events.slice(-2).map(({ event, attempt, worker_name }) => [event, attempt, worker_name])).toEqual([
      ['stage_finished', 2, 'worker-1'],
      ['processed', 2, 'worker-1'],
    ]);
    expect(events.at(-1)?.detail['duration_ms']).toBeTypeOf('number');
  });

  it('keeps the outputs of the stages before', async () => {
    const claim = await processing(record);
    await record.repo.checkpoint([{ ...claim, record: stageOf('fetch') }]);
    await settle(claim, { kind: 'processed', last: stageOf('package') });
    expect(Object.keys((await record.row(claim.jobId)).stage_outputs).sort()).toEqual(['fetch', 'package']);
  });

  it('and then asked as something else, it is stale: an answer that was lost is asked for again in the same words', async () => {
    const claim = await processing(record);
    await settle(claim, { kind: 'processed', last: undefined });
    expect(await settle(claim, { kind: 'failed', error: errorOf() })).toMatchObject({ verdict: 'stale', status: null });
    expect(await record.row(claim.jobId)).toMatchObject({ status: 'processed', error_info: null });
  });

  it('wins over a cancel that came too late', async () => {
    const claim = await processing(record);
    await record.repo.cancel([claim.jobId], 'test');
    expect(await settle(claim, { kind: 'processed', last: undefined })).toMatchObject({ status: 'processed' });
  });

  it('tells of no cancel where none was asked for since the job was queued', async () => {
    const claim = await processing(record);
    await record.repo.cancel([claim.jobId], 'ann');
    await settle(claim, retryIn(0));
    await record.repo.enqueue([{ jobId: claim.jobId, call: 0 }], 0);
    await settle(await claimed(record, claim.jobId), { kind: 'processed', last: undefined });
    expect((await record.events(claim.jobId)).at(-1)?.detail).not.toHaveProperty('cancel_wanted_by');
  });
});

describe('a retry', () => {
  it.each([5, 0.25, 45])('waits %d s by the clock of the database, and keeps its place', async (delaySeconds) => {
    const claim = await processing(record);
    const place = (await record.row(claim.jobId)).queue_seq;
    const answer = await settle(claim, retryIn(delaySeconds));
    expect(answer).toEqual({ verdict: 'done', status: 'queued', queueSeq: place });
    const row = await record.row(claim.jobId);
    expect(row).toMatchObject({ status: 'queued', attempt: 1, finished_at: null, error_info: { reason: 'timeout' } });
    expect(secondsUntil(row.next_attempt_at, row.queued_at)).toBeCloseTo(delaySeconds, 2);
    expect((await record.events(claim.jobId)).at(-1)).toMatchObject({
      event: 'retry_scheduled',
      attempt: 1,
      detail: { delay_seconds: delaySeconds, reason: 'timeout', name: 'Error', stage: 'match', fingerprint: 'abc' },
    });
  });

  it('is capped at seven days', async () => {
    const claim = await processing(record);
    await settle(claim, retryIn(1e9, false));
    const row = await record.row(claim.jobId);
    expect(secondsUntil(row.next_attempt_at, row.queued_at)).toBeCloseTo(7 * 24 * 3600, 0);
  });

  it('that the job asked for spends no attempt, is counted, and leaves no error', async () => {
    const claim = await processing(record);
    await settle(claim, retryIn(0, false));
    expect(await record.row(claim.jobId)).toMatchObject({ attempt: 0, retry_after_count: 1, error_info: null });
    expect((await record.events(claim.jobId)).at(-1)).toMatchObject({
      event: 'retry_scheduled',
      attempt: 1,
      detail: { reason: 'retry_after' },
    });
    expect(await claimed(record, claim.jobId)).toMatchObject({ attempt: 1, retryAfterCount: 1 });
  });
});

describe('failed', () => {
  it('keeps the error whole, and tells its name, stage and fingerprint', async () => {
    const claim = await processing(record);
    const previous = [errorOf({ message: 'before' })].map(({ previous: _none, ...entry }) => entry);
    const error = errorOf({ message: 'a "quote", a \\, a nul \0', previous });
    expect(await settle(claim, { kind: 'failed', error })).toMatchObject({ status: 'failed' });
    const row = await record.row(claim.jobId);
    expect(row.error_info).toEqual({ ...error, message: 'a "quote", a \\, a nul \uFFFD' });
    expect(row.finished_at).not.toBeNull();
    expect((await record.events(claim.jobId)).at(-1)).toMatchObject({
      event: 'failed',
      detail: { name: 'Error', stage: 'match', fingerprint: 'abc', reason: 'error' },
    });
  });
});

describe('given back', () => {
  it.each(['shutdown', 'no_space', 'no_thread', 'postgres_away'] as const)(
    'because of %s: at once ready, the attempt unspent',
    async (reason) => {
      const claim = await processing(record);
      expect(await settle(claim, { kind: 'given_back', reason })).toMatchObject({ status: 'queued' });
      expect(await record.row(claim.jobId)).toMatchObject({ attempt: 0, next_attempt_at: null, finished_at: null });
      expect((await record.events(claim.jobId)).at(-1)).toMatchObject({
        event: 'given_back',
        attempt: 1,
        detail: { reason },
      });
      expect((await claimed(record, claim.jobId)).attempt).toBe(1);
    },
  );

  it('keeps it that the next attempt runs alone; any other end forgets it', async () => {
    const { jobId } = await workerLost(record);
    await settle(await claimed(record, jobId), { kind: 'given_back', reason: 'shutdown' });
    expect(await record.row(jobId)).toMatchObject({ status: 'queued', runs_alone: true });
    await settle(await claimed(record, jobId), retryIn(0));
    expect(await record.row(jobId)).toMatchObject({ status: 'queued', runs_alone: false });
  });
});

describe('where a cancel is wanted', () => {
  it.each<[string, Ending]>([
    ['a retry', retryIn(5)],
    ['a retry that waits', retryIn(5, false)],
    ['what is given back', { kind: 'given_back', reason: 'shutdown' }],
    ['what was cancelled', { kind: 'cancelled' }],
  ])('%s is cancelled instead, and asked again it was', async (_name, outcome) => {
    const claim = await processing(record);
    await record.repo.cancel([claim.jobId], 'test');
    expect(await settle(claim, outcome)).toMatchObject({ verdict: 'done', status: 'cancelled' });
    expect(await settle(claim, outcome)).toMatchObject({ verdict: 'already', status: 'cancelled' });
    const row = await record.row(claim.jobId);
    expect(row).toMatchObject({ status: 'cancelled', next_attempt_at: null });
    expect(row.finished_at).not.toBeNull();
    expect((await record.told(claim.jobId)).filter((event) => event === 'cancelled')).toHaveLength(1);
    expect((await record.events(claim.jobId)).at(-1)?.detail).toMatchObject({ by: 'test' });
  });

  // What had gone wrong: the order was answered, and nothing in the history named who gave it.
  it.each<[string, Ending]>([
    ['processed', { kind: 'processed', last: undefined }],
    ['failed', { kind: 'failed', error: errorOf() }],
  ])('and the attempt ended %s before it was heard, that event names who wanted it', async (event, outcome) => {
    const claim = await processing(record);
    await record.repo.cancel([claim.jobId], 'ann');
    await settle(claim, outcome);
    const last = (await record.events(claim.jobId)).at(-1);
    expect(last).toMatchObject({ event, detail: { cancel_wanted_by: 'ann' } });
    expect(last?.detail).not.toHaveProperty('by');
  });
});

it('settles many in one statement, each its own way, and answers in the order of the asking', async () => {
  const claims = [];
  for (let n = 0; n < 5; n += 1) claims.push(await processing(record));
  const outcomes: Ending[] = [
    { kind: 'failed', error: errorOf() },
    { kind: 'processed', last: stageOf('last') },
    { kind: 'cancelled' },
    retryIn(1),
    { kind: 'given_back', reason: 'shutdown' },
  ];
  const asks = claims.map(({ jobId, token }, n) => ({
    jobId,
    token,
    outcome: outcomes[n] ?? { kind: 'cancelled' as const },
  }));
  const answers = await record.repo.settle(asks);
  expect(answers.map((answer) => answer.status)).toEqual(['failed', 'processed', 'cancelled', 'queued', 'queued']);
});

it('commits durably: nothing in it turns the waiting for the disk off', async () => {
  const claim = await processing(record);
  const shown = await record.db.transaction(async (tx) => {
    const { settle: run } = await import('../../src/transitions/settle.ts');
    await run(tx, [{ jobId: claim.jobId, token: claim.token, outcome: { kind: 'cancelled' } }]);
    return tx.query({ name: 'show', text: `SELECT current_setting('synchronous_commit') AS now` });
  });
  expect(shown).toEqual([{ now: 'on' }]);
});
