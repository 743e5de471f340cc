import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  claimed,
  errorOf,
  holderOf,
  leaseRunsOut,
  openRecord,
  processing,
  stageOf,
  type TestRecord,
} from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());
afterEach(() => record.sql('DELETE FROM jobs'));

async function lost(): Promise<{ jobId: string; token: string; attempt: number }> {
  const claim = await processing(record);
  await leaseRunsOut(record, claim.jobId);
  return claim;
}

it('queues the job again at once, the attempt spent, its place kept, and the next one alone in its worker', async () => {
  const holder = holderOf({ workerName: 'w-9' });
  const claim = await processing(record, holder);
  await record.repo.checkpoint([{ ...claim, record: stageOf('one') }]);
  await record.repo.tick([{ ...claim, stage: 'two' }], [claim.token], holder);
  await leaseRunsOut(record, claim.jobId);
  const { queue_seq: queueSeq } = await record.row(claim.jobId);
  expect(await record.repo.expire([], 3)).toEqual([
    { jobId: claim.jobId, status: 'queued', queueSeq, attempt: 1, workerName: 'w-9', spent: true, fingerprint: null },
  ]);
  const row = await record.row(claim.jobId);
  expect(row).toMatchObject({
    status: 'queued',
    attempt: 1,
    next_attempt_at: null,
    claim_token: null,
    runs_alone: true,
    stage_outputs: { one: {} },
    error_info: {
      name: 'WorkerLostError',
      reason: 'worker lost',
      stage: 'two',
      attempt: 1,
      worker_name: 'w-9',
      stack: null,
      previous: [],
    },
  });
  expect(row.error_info?.fingerprint).toMatch(/^[0-9a-f]{12}$/);
  expect(row.error_info?.at).toMatch(/Z$/);
  expect((await record.events(claim.jobId)).at(-1)).toMatchObject({
    event: 'worker_lost',
    attempt: 1,
    worker_name: 'w-9',
    detail: { reason: 'worker lost', stage: 'two', holder: holder.id },
  });
  expect((await claimed(record, claim.jobId)).attempt).toBe(2);
});

it('leaves leases alone that have not run out', async () => {
  await processing(record);
  expect(await record.repo.expire([], 3)).toEqual([]);
});

it('spends nothing for a token that its worker left in good order', async () => {
  const claim = await lost();
  expect(await record.repo.expire([claim.token], 3)).toMatchObject([{ status: 'queued', attempt: 0, spent: false }]);
  expect(await record.row(claim.jobId)).toMatchObject({ attempt: 0, error_info: null, runs_alone: false });
  expect((await record.events(claim.jobId)).at(-1)).toMatchObject({
    event: 'given_back',
    detail: { reason: 'shutdown' },
  });
  expect((await claimed(record, claim.jobId)).attempt).toBe(1);
});

it('still runs a job alone whose last counted attempt ended with its worker, though another was left unspent since', async () => {
  const first = await lost();
  await record.repo.expire([], 3);
  const second = await claimed(record, first.jobId);
  await leaseRunsOut(record, first.jobId);
  await record.repo.expire([second.token], 3);
  expect(await record.row(first.jobId)).toMatchObject({ status: 'queued', runs_alone: true });
});

it('a job that takes its worker with it each time fails after its last attempt, with all of them on record', async () => {
  const { jobId } = await lost();
  for (const status of ['queued', 'queued', 'failed']) {
    expect(await record.repo.expire([], 2)).toMatchObject([{ status, spent: true }]);
    if (status === 'failed') break;
    await claimed(record, jobId);
    await leaseRunsOut(record, jobId);
  }
  const row = await record.row(jobId);
  expect(row).toMatchObject({
    status: 'failed',
    attempt: 3,
    error_info: { attempt: 3, previous: [{ attempt: 1 }, { attempt: 2 }] },
  });
  expect(row.finished_at).not.toBeNull();
  expect(row.error_info?.previous[0]).not.toHaveProperty('previous');
  expect((await record.told(jobId)).slice(-3)).toEqual(['claimed', 'worker_lost', 'failed']);
});

it('keeps the errors of attempts that ended otherwise', async () => {
  const claim = await processing(record);
  const outcome = {
    kind: 'retry',
    delaySeconds: 0,
    spendsAttempt: true,
    error: errorOf({ message: 'first' }),
  } as const;
  await record.repo.settle([{ ...claim, outcome }]);
  await claimed(record, claim.jobId);
  await leaseRunsOut(record, claim.jobId);
  await record.repo.expire([], 3);
  expect((await record.row(claim.jobId)).error_info).toMatchObject({
    reason: 'worker lost',
    previous: [{ message: 'first' }],
  });
});

it('is cancelled where that is wanted, and never claimed again', async () => {
  const { jobId } = await lost();
  await record.repo.cancel([jobId], 'test');
  expect(await record.repo.expire([], 3)).toMatchObject([{ status: 'cancelled' }]);
  expect((await record.told(jobId)).slice(-2)).toEqual(['worker_lost', 'cancelled']);
  await expect(claimed(record, jobId)).rejects.toThrow('not_yours');
});

it('skips a row that is being settled, and does not wait for it', async () => {
  const claim = await lost();
  const other = await lost();
  const expired = await record.db.transaction(async (tx) => {
    await tx.query({ name: 'lock', text: 'SELECT FROM application_tracking WHERE job_id = $1 FOR UPDATE' }, [
      claim.jobId,
    ]);
    return record.repo.expire([], 3);
  });
  expect(expired.map((job) => job.jobId)).toEqual([other.jobId]);
});

it('takes at most 500 in one statement, the rest in the next', async () => {
  const ids = Array.from({ length: 501 }, () => '');
  await record.sql(
    `WITH made AS (INSERT INTO jobs (source, external_id, title, company, discovery_seq)
        SELECT 'many', n::text, 't', 'c', n FROM generate_series(1, $1::int) n RETURNING id)
      INSERT INTO application_tracking (job_id, status, attempt, claim_token, lease_until, holder, queue_seq, queued_at)
        SELECT id, 'processing', 1, gen_random_uuid(), now() - interval '1 s', gen_random_uuid(), 1, now() FROM made`,
    [ids.length],
  );
  expect(await record.repo.expire([], 3)).toHaveLength(500);
  expect(await record.repo.expire([], 3)).toHaveLength(1);
});
