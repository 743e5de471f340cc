import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  discovered,
  errorOf,
  failed,
  openRecord,
  processing,
  queued,
  stageOf,
  type TestRecord,
} from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

it('brings all that is on record of a job', async () => {
  const claim = await processing(record);
  await record.repo.checkpoint([{ ...claim, record: stageOf('match') }]);
  await record.repo.cancel([claim.jobId], 'test');
  const found = await record.repo.findJob(claim.jobId);
  expect(found).toMatchObject({
    row: { job_id: claim.jobId, status: 'processing', attempt: 1 },
    workerName: 'worker-1',
    currentStage: null,
    nextAttemptAt: null,
    stageOutputs: { match: { output: { score: 0.8 } } },
    errorInfo: null,
  });
  expect(found?.leaseUntil).toBeInstanceOf(Date);
  expect(found?.cancelRequestedAt).toBeInstanceOf(Date);
  expect(found?.queueSeq).toBeTypeOf('number');
  expect((await record.repo.findJob(await failed(record)))?.errorInfo).toMatchObject({ reason: 'error', previous: [] });
});

it('finds nothing of a job that is not there', async () => {
  expect(await record.repo.findJob(randomUUID())).toBeUndefined();
  expect(await record.repo.timeline(randomUUID())).toEqual([]);
});

it('tells the history in its order', async () => {
  const told = await record.repo.timeline(await failed(record));
  expect(told.map(({ event }) => event)).toEqual(['discovered', 'queued', 'claimed', 'failed']);
  expect(told.map(({ at }) => at)).toEqual([...told.map(({ at }) => at)].sort());
  expect(told[2]).toMatchObject({ attempt: 1, worker_name: 'worker-1' });
});

// What had gone wrong: workers that came and went filled the bound, and an old job's pause went on for ever.
it('tells the end of a pause after ever so many workers have come and gone', async () => {
  const since = new Date(Date.now() - 60_000);
  await record.repo.setPaused(true, 'ann');
  await record.sql(`INSERT INTO system_events (event) SELECT 'worker_started' FROM generate_series(1, 10001)`);
  await record.repo.setPaused(false, 'ann');
  expect((await record.repo.systemEventsSince(since)).map(({ event }) => event)).toEqual(['paused', 'resumed']);
});

it('the line leaves out what is not ready, and what is too young to compare', async () => {
  await record.sql('DELETE FROM jobs');
  const [old = '', young = ''] = await queued(record, 2);
  await record.sql(`UPDATE application_tracking SET queued_at = queued_at - interval '5 s' WHERE job_id = $1`, [old]);
  const later = await processing(record);
  const outcome = { kind: 'retry', delaySeconds: 60, spendsAttempt: true, error: errorOf() } as const;
  await record.repo.settle([{ ...later, outcome }]);
  expect((await record.repo.waitingPage(0, 10)).map((job) => job.jobId)).toEqual([old, young]);
  expect((await record.repo.waitingPage(0, 10, 2000)).map((job) => job.jobId)).toEqual([old]);
  expect((await record.repo.waitingPage(0, 1)).map((job) => job.jobId)).toEqual([old]);
});

it('tells how given jobs stand, and leaves unknown ones out', async () => {
  const [waiting = ''] = await queued(record, 1);
  const [fresh = ''] = await discovered(record, 1);
  const { jobId: busy } = await processing(record);
  const standings = await record.repo.standings([waiting, fresh, busy, randomUUID()]);
  expect([...standings.values()].map(({ jobId, status, ready }) => [jobId, status, ready]).sort()).toEqual(
    [
      [waiting, 'queued', true],
      [fresh, 'discovered', false],
      [busy, 'processing', false],
    ].sort(),
  );
  expect(standings.get(fresh)?.queueSeq).toBe(0);
});
