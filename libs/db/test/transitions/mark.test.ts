import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, holderOf, openRecord, processing, queued, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

describe('a delivery that was made again', () => {
  it('is told, and what was due is due no more, as if it had been queued at its time', async () => {
    const claim = await processing(record);
    const outcome = { kind: 'retry', delaySeconds: 0, spendsAttempt: true, error: errorOf() } as const;
    await record.repo.settle([{ ...claim, outcome }]);
    const { next_attempt_at: time } = await record.row(claim.jobId);
    const [waiting = ''] = await queued(record, 1);
    await record.repo.markDelivered([claim.jobId, waiting, randomUUID()], 'due');
    expect(await record.row(claim.jobId)).toMatchObject({ next_attempt_at: null, queued_at: time });
    expect((await record.repo.tick([], [], holderOf())).due).toEqual([]);
    for (const jobId of [claim.jobId, waiting]) {
      expect((await record.events(jobId)).at(-1)).toMatchObject({ event: 'dispatched', detail: { reason: 'due' } });
    }
  });

  it('leaves a retry that is not due, a job in processing, and one that is locked, as they are', async () => {
    const later = await processing(record);
    const outcome = { kind: 'retry', delaySeconds: 60, spendsAttempt: true, error: errorOf() } as const;
    await record.repo.settle([{ ...later, outcome }]);
    const busy = await processing(record);
    const [locked = ''] = await queued(record, 1);
    await record.db.transaction(async (tx) => {
      await tx.query({ name: 'lock', text: 'SELECT FROM application_tracking WHERE job_id = $1 FOR UPDATE' }, [locked]);
      await record.repo.markDelivered([later.jobId, busy.jobId, locked], 'rebuilt');
    });
    expect((await record.row(later.jobId)).next_attempt_at).not.toBeNull();
    expect(await record.told(busy.jobId)).not.toContain('dispatched');
    expect(await record.told(locked)).not.toContain('dispatched');
  });

  it('of nothing is nothing', async () => {
    await expect(record.repo.markDelivered([], 'due')).resolves.toBeUndefined();
  });
});

it('a refused write is told in the history of a job that is there, and changes nothing else', async () => {
  const { jobId } = await processing(record);
  const before = await record.row(jobId);
  for (const id of [jobId, randomUUID()]) {
    await record.repo.recordStaleWrite({ jobId: id, attempt: 1, workerName: 'w \0', write: 'settle' });
  }
  expect((await record.events(jobId)).at(-1)).toEqual({
    event: 'stale_write_refused',
    attempt: 1,
    worker_name: 'w \uFFFD',
    detail: { write: 'settle' },
  });
  expect(await record.row(jobId)).toEqual(before);
});

describe('what Redis lacks', () => {
  const behind = async (): Promise<number | null> => (await record.repo.tick([], [], holderOf())).redisBehind;

  it('is the smallest place of all that were told, until a pass over just that has found nothing', async () => {
    await record.repo.markRedisBehind(50);
    await record.repo.markRedisBehind(70);
    expect(await behind()).toBe(50);
    await record.repo.markRedisBehind(20);
    await record.repo.markRedisCaughtUp(50, await record.repo.redisBehindMarks()); // it began before the smaller one was set
    expect(await behind()).toBe(20);
    const marks = await record.repo.redisBehindMarks();
    await record.repo.markRedisBehind(70);
    await record.repo.markRedisCaughtUp(20, marks); // the pass may have gone by before the larger one was set
    expect(await behind()).toBe(20);
    await record.repo.markRedisCaughtUp(20, await record.repo.redisBehindMarks());
    expect(await behind()).toBeNull();
  });
});

it('pause and resume are told once each, however often they are asked', async () => {
  const since = new Date();
  for (const paused of [true, true, false, false]) await record.repo.setPaused(paused, 'ann');
  await record.repo.recordSystemEvent('postgres_back', { away_ms: 7, note: 'nul \0' });
  const told = await record.repo.systemEventsSince(new Date(since.getTime() - 1000));
  expect(told.map(({ event, detail }) => [event, detail])).toEqual([
    ['paused', { by: 'ann' }],
    ['resumed', { by: 'ann' }],
    ['postgres_back', { away_ms: 7, note: 'nul \uFFFD' }],
  ]);
  // What held before is told too: the last of each kind.
  const later = await record.repo.systemEventsSince(new Date(Date.now() + 60_000));
  expect(later.map(({ event }) => event)).toEqual(['paused', 'resumed', 'postgres_back']);
});
