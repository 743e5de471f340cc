import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  claimed,
  discovered,
  errorOf,
  holderOf,
  openRecord,
  processing,
  queued,
  stageOf,
  workerLost,
  type TestRecord,
} from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

const verdicts = (answers: readonly { verdict: string }[]): string[] => answers.map((answer) => answer.verdict);

it('brings the posting, so that the pipeline reads nothing else', async () => {
  const posting = {
    external_id: 'p-1',
    title: 'Engineer',
    company: 'Acme',
    location: 'Bern',
    url: 'https://jobs.example/1',
    description: '<p>work</p>',
    posted_at: '2026-01-02T03:04:05.000Z',
  };
  const [found] = await record.repo.discover({ source: 'file:x', postings: [posting], autoEnqueue: false });
  const jobId = found?.jobId ?? '';
  await record.repo.enqueue([{ jobId, call: 0 }], 0);
  const claim = await claimed(record, jobId);
  expect(claim).toMatchObject({
    attempt: 1,
    retryAfterCount: 0,
    stageOutputs: {},
    errorInfo: null,
    job: { id: jobId, source: 'file:x', ...posting },
  });
  const [bare = ''] = await queued(record, 1);
  expect((await claimed(record, bare)).job).toMatchObject({ posted_at: null, location: null, url: null });
});

it('writes who holds the job, and for how long', async () => {
  const holder = holderOf({ workerName: 'w-7', sessionKey: 77n, leaseMs: 30_000 });
  const { jobId, token } = await processing(record, holder);
  const row = await record.row(jobId);
  expect(row).toMatchObject({
    status: 'processing',
    claim_token: token,
    holder: holder.id,
    worker_name: 'w-7',
    settled_as: null,
  });
  const leaseMs = new Date(row.lease_until ?? '').getTime() - new Date(row.started_at ?? '').getTime();
  expect(leaseMs).toBeGreaterThan(29_000);
  expect(leaseMs).toBeLessThan(31_000);
  expect((await record.events(jobId)).at(-1)).toEqual({ event: 'claimed', attempt: 1, worker_name: 'w-7', detail: {} });
});

it('goes to one of many that ask at once', async () => {
  const ids = await queued(record, 5);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () =>
      record.repo.claim(
        ids.map((jobId) => ({ jobId, token: randomUUID() })),
        holderOf(),
      ),
    ),
  );
  expect(answers.flat().filter((answer) => answer.verdict === 'won')).toHaveLength(ids.length);
  for (const jobId of ids) expect((await record.row(jobId)).attempt).toBe(1);
});

it('of two entries of one job in one batch only the first wins, under its own token', async () => {
  const [jobId = ''] = await queued(record, 1);
  const [token, other] = [randomUUID(), randomUUID()];
  const answers = await record.repo.claim(
    [
      { jobId, token },
      { jobId, token: other },
    ],
    holderOf(),
  );
  expect(verdicts(answers)).toEqual(['won', 'not_yours']);
  expect((await record.row(jobId)).claim_token).toBe(token);
});

it('answers in the order of the asking: won, not yours, gone', async () => {
  const [mine = ''] = await queued(record, 1);
  const { jobId: taken } = await processing(record);
  const [fresh = ''] = await discovered(record, 1);
  const asks = [taken, randomUUID(), mine, fresh].map((jobId) => ({ jobId, token: randomUUID() }));
  expect(verdicts(await record.repo.claim(asks, holderOf()))).toEqual(['not_yours', 'not_yours', 'won', 'not_yours']);
});

it('takes nothing new while paused, but still answers a claim that was won before', async () => {
  const [jobId = '', won = ''] = await queued(record, 2);
  const before = { jobId: won, token: randomUUID() };
  const holder = holderOf();
  await record.repo.claim([before], holder);
  await record.repo.setPaused(true, 'test');
  const answers = await record.repo.claim([{ jobId, token: randomUUID() }, before], holder);
  expect(verdicts(answers)).toEqual(['paused', 'won']);
  expect((await record.row(jobId)).status).toBe('queued');
  await record.repo.setPaused(false, 'test');
  expect((await claimed(record, jobId)).attempt).toBe(1);
});

it('does not take a retry before its time', async () => {
  const { jobId, token } = await processing(record);
  const outcome = { kind: 'retry', delaySeconds: 60, spendsAttempt: true, error: errorOf() } as const;
  await record.repo.settle([{ jobId, token, outcome }]);
  expect(verdicts(await record.repo.claim([{ jobId, token: randomUUID() }], holderOf()))).toEqual(['not_due']);
  await record.sql(`UPDATE application_tracking SET next_attempt_at = clock_timestamp() WHERE job_id = $1`, [jobId]);
  const claim = await claimed(record, jobId);
  expect(claim).toMatchObject({ attempt: 2, waitedMs: null, errorInfo: { name: 'Error' } });
  expect((await record.row(jobId)).next_attempt_at).toBeNull();
});

it('gives what took its worker with it before only to an ask that runs alone; to any other it writes nothing', async () => {
  const [suspect = '', innocent = ''] = [(await workerLost(record)).jobId, ...(await queued(record, 1))];
  const before = await record.everything();
  const token = randomUUID();
  for (const ask of [
    { jobId: suspect, token },
    { jobId: suspect, token, runsAlone: false },
  ]) {
    expect(verdicts(await record.repo.claim([ask], holderOf()))).toEqual(['alone']);
  }
  expect(await record.everything()).toBe(before);
  const asks = [
    { jobId: suspect, token, runsAlone: true },
    { jobId: innocent, token: randomUUID(), runsAlone: false },
  ];
  expect(verdicts(await record.repo.claim(asks, holderOf()))).toEqual(['won', 'won']);
  expect(await record.row(suspect)).toMatchObject({ status: 'processing', attempt: 2, claim_token: token });
});

it('tells of the pause, of another claim and of an end before it asks to be run alone', async () => {
  const [paused, taken, ended] = [await workerLost(record), await workerLost(record), await workerLost(record)];
  await claimed(record, taken.jobId);
  await record.repo.cancel([ended.jobId], 'test');
  await record.repo.setPaused(true, 'test');
  const asks = [paused, taken, ended].map(({ jobId }) => ({ jobId, token: randomUUID() }));
  expect(verdicts(await record.repo.claim(asks, holderOf()))).toEqual(['paused', 'not_yours', 'not_yours']);
  await record.repo.setPaused(false, 'test');
});

it('does not take back what this very token was settled with', async () => {
  const { jobId, token } = await processing(record);
  await record.repo.settle([{ jobId, token, outcome: { kind: 'given_back', reason: 'shutdown' } }]);
  expect(verdicts(await record.repo.claim([{ jobId, token }], holderOf()))).toEqual(['not_yours']);
  expect((await claimed(record, jobId)).attempt).toBe(1);
});

it('tells how long a job waited for its first claim', async () => {
  const [jobId = ''] = await queued(record, 1);
  await record.sql(`UPDATE application_tracking SET queued_at = queued_at - interval '10 s' WHERE job_id = $1`, [
    jobId,
  ]);
  const { waitedMs } = await claimed(record, jobId);
  expect(waitedMs).toBeGreaterThanOrEqual(10_000);
  expect(waitedMs).toBeLessThan(20_000);
});

it('brings the stages that are finished', async () => {
  const first = await processing(record);
  await record.repo.checkpoint([{ ...first, record: stageOf('match', { version: 3 }) }]);
  await record.repo.settle([{ ...first, outcome: { kind: 'given_back', reason: 'shutdown' } }]);
  const again = await claimed(record, first.jobId);
  expect(again.stageOutputs).toMatchObject({ match: { output: { score: 0.8 }, version: 3, token: first.token } });
});

it('leaves the durable commits of its connection as they were', async () => {
  await processing(record);
  const shown = await record.db.query({ name: 'show', text: `SELECT current_setting('synchronous_commit') AS now` });
  expect(shown).toEqual([{ now: 'on' }]);
});
