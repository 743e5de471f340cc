import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import { seeded } from '../seeded.ts';
import { claimed, discovered, failed, jobIn, openRecord, queued, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord(12);
});
afterAll(() => record.close());

const verdicts = (answers: readonly { verdict: string }[]): string[] => answers.map((answer) => answer.verdict);
const oneCall = (ids: readonly string[]): { jobId: string; call: number }[] => ids.map((jobId) => ({ jobId, call: 0 }));
const eachItsOwn = (ids: readonly string[]): { jobId: string; call: number }[] =>
  ids.map((jobId, call) => ({ jobId, call }));

describe('the place in line', () => {
  it('is drawn in the order of the asking, over 2,500 jobs whose ids sort otherwise', async () => {
    const ids = await discovered(record, 2500);
    const random = seeded(1);
    const shuffled = ids
      .map((id) => ({ id, key: random.next() }))
      .sort((a, b) => a.key - b.key)
      .map(({ id }) => id);
    expect(shuffled).not.toEqual([...shuffled].sort());
    const answers = await record.repo.enqueue(oneCall(shuffled), 0);
    const places = answers.map((answer) => answer.queueSeq ?? 0);
    const inversions = places.filter((place, n) => n > 0 && place <= (places[n - 1] ?? 0)).length;
    expect(inversions).toBe(0);
    const inLine = await record.repo.waitingPage((places[0] ?? 1) - 1, 2500);
    expect(inLine.map((job) => job.jobId)).toEqual(shuffled);
    const told = await record.client.query<{ job_id: string }>(
      `SELECT job_id FROM job_events WHERE event = 'queued' AND job_id = ANY($1) ORDER BY id`,
      [shuffled],
    );
    expect(told.rows.map((row) => row.job_id)).toEqual(shuffled);
  });

  it('is kept in that order over many callers in one statement', async () => {
    const ids = (await discovered(record, 50)).reverse();
    const answers = await record.repo.enqueue(eachItsOwn(ids), 0);
    expect((await record.repo.waitingPage((answers[0]?.queueSeq ?? 1) - 1, 50)).map((job) => job.jobId)).toEqual(ids);
  });
});

describe('a call', () => {
  it('is all or nothing: an unknown, processed or failed id keeps the others where they are', async () => {
    for (const bad of [randomUUID(), await jobIn(record, 'processed'), await failed(record)]) {
      const [good = '', alsoGood = ''] = await discovered(record, 2);
      const before = await record.everything();
      const answers = await record.repo.enqueue(oneCall([good, bad, alsoGood]), 0);
      expect(verdicts(answers)).toEqual(['held', expect.stringMatching(/unknown|processed|failed/), 'held']);
      expect(await record.everything()).toBe(before);
    }
  });

  it('that is refused does not hold up another in the same statement', async () => {
    const [good = '', held = ''] = await discovered(record, 2);
    const asks = [
      { jobId: held, call: 0 },
      { jobId: randomUUID(), call: 0 },
      { jobId: good, call: 1 },
    ];
    expect(verdicts(await record.repo.enqueue(asks, 0))).toEqual(['held', 'unknown', 'queued']);
  });

  it('takes queued and processing jobs as done, and a cancelled one afresh', async () => {
    const ids = [await jobIn(record, 'queued'), await jobIn(record, 'processing'), await jobIn(record, 'cancelled')];
    const answers = await record.repo.enqueue(oneCall(ids), 0);
    expect(verdicts(answers)).toEqual(['already_queued', 'already_queued', 'queued']);
    expect(answers.map((answer) => answer.queueSeq === null)).toEqual([true, true, false]);
  });

  it('clears what an earlier life of the job left: attempts, error, cancel, token', async () => {
    const jobId = await failed(record);
    await record.repo.discard([jobId], 'test');
    await record.repo.enqueue(oneCall([jobId]), 0);
    expect(await record.row(jobId)).toMatchObject({
      status: 'queued',
      attempt: 0,
      error_info: null,
      cancel_requested_at: null,
      claim_token: null,
      settled_as: null,
      finished_at: null,
      started_at: null,
      worker_name: null,
    });
  });

  it('takes the mark of auto-enqueue away', async () => {
    const [marked = '', other = ''] = await discovered(record, 2, true);
    await record.repo.enqueue(oneCall([marked]), 0);
    expect((await record.repo.autoEnqueuePage(0, 1000)).map((job) => job.jobId)).toEqual([other]);
  });
});

describe('the budget', () => {
  beforeEach(() => record.sql(`UPDATE enqueue_budget SET window_from = clock_timestamp(), used = 0, used_before = 0`));
  const windowAgo = (seconds: number): Promise<void> =>
    record.sql(`UPDATE enqueue_budget SET window_from = clock_timestamp() - $1::float8 * interval '1 s'`, [seconds]);

  it('grants whole calls in order until it is used up, and leaves the others as they were', async () => {
    const ids = await discovered(record, 6);
    const calls = ids.map((jobId, n) => ({ jobId, call: Math.floor(n / 2) }));
    const answers = await record.repo.enqueue(calls, 5);
    expect(verdicts(answers)).toEqual(['queued', 'queued', 'queued', 'queued', 'limited', 'limited']);
    expect(answers[4]?.retryAfterSeconds).toBeGreaterThan(50);
    expect(answers[0]?.retryAfterSeconds).toBeNull();
    expect(await record.row(ids[5] ?? '')).toMatchObject({ status: 'discovered', queue_seq: null });
    expect(await record.told(ids[5] ?? '')).toEqual(['discovered']);
  });

  it('is not spent by what was queued already, refused, or asked twice', async () => {
    const [jobId = ''] = await discovered(record, 1);
    const [waiting = ''] = await queued(record, 1);
    await record.repo.enqueue(oneCall([waiting]), 1);
    await record.repo.enqueue(
      [
        { jobId, call: 0 },
        { jobId: randomUUID(), call: 0 },
      ],
      1,
    );
    expect(verdicts(await record.repo.enqueue(oneCall([jobId, jobId]), 1))).toEqual(['queued', 'already_queued']);
    const [next = ''] = await discovered(record, 1);
    expect(verdicts(await record.repo.enqueue(oneCall([next]), 1))).toEqual(['limited']);
  });

  it('slides: of the minute before, that part counts which is not a minute ago yet', async () => {
    const ids = await discovered(record, 40);
    await record.repo.enqueue(eachItsOwn(ids.slice(0, 10)), 10);
    await windowAgo(90); // half of the next minute has gone
    const half = await record.repo.enqueue(eachItsOwn(ids.slice(10, 20)), 10);
    expect(verdicts(half).filter((verdict) => verdict === 'queued').length).toBeGreaterThanOrEqual(4);
    expect(verdicts(half).filter((verdict) => verdict === 'queued').length).toBeLessThanOrEqual(5);
    await windowAgo(121); // both minutes are over
    expect(new Set(verdicts(await record.repo.enqueue(eachItsOwn(ids.slice(20, 30)), 10)))).toEqual(
      new Set(['queued']),
    );
  });

  it('is never exceeded by producers that ask at once', async () => {
    const ids = await discovered(record, 60);
    const answers = await Promise.all(ids.map((jobId) => record.repo.enqueue([{ jobId, call: 0 }], 25)));
    expect(answers.flat().filter((answer) => answer.verdict === 'queued')).toHaveLength(25);
    expect(answers.flat().filter((answer) => answer.verdict === 'limited')).toHaveLength(35);
  });

  it('is none at 0, and then its row is not touched', async () => {
    const ids = await discovered(record, 3);
    expect(new Set(verdicts(await record.repo.enqueue(oneCall(ids), 0)))).toEqual(new Set(['queued']));
    expect((await record.client.query('SELECT used FROM enqueue_budget')).rows).toEqual([{ used: 0 }]);
  });
});

it('a job that is queued anew begins at attempt 1', async () => {
  const jobId = await jobIn(record, 'cancelled');
  await record.repo.enqueue(oneCall([jobId]), 0);
  expect((await claimed(record, jobId)).attempt).toBe(1);
});
