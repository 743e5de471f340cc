// retry, cancel, discard and clear: what an operator may ask of a job, and what stays as it is.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { claim } from '../../src/transitions/claim.ts';
import { retry } from '../../src/transitions/retry.ts';
import { settle } from '../../src/transitions/settle.ts';
import {
  claimed,
  discovered,
  errorOf,
  failed,
  holderOf,
  jobIn,
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
afterEach(() => record.sql('DELETE FROM jobs'));

describe('retry', () => {
  async function failedAfter(...stages: string[]): Promise<string> {
    const first = await processing(record);
    for (const stage of stages) await record.repo.checkpoint([{ ...first, record: stageOf(stage) }]);
    await record.repo.settle([{ ...first, outcome: { kind: 'failed', error: errorOf() } }]);
    return first.jobId;
  }
  const stagesOf = async (jobId: string): Promise<string[]> => Object.keys((await record.row(jobId)).stage_outputs);

  it('gives a fresh set of attempts, behind those that wait, in the order of the asking; the error stays until processed', async () => {
    const [one, two] = [await failed(record), await failed(record)];
    const [waiting = ''] = await queued(record, 1);
    const answers = await record.repo.retry([two, one], { kind: 'last_good' }, 'ann');
    expect(answers.map((answer) => [answer.jobId, answer.verdict, answer.status])).toEqual([
      [two, 'retried', 'queued'],
      [one, 'retried', 'queued'],
    ]);
    expect((await record.repo.waitingPage(0, 10)).map((job) => job.jobId)).toEqual([waiting, two, one]);
    expect(answers[0]?.queueSeq).toBe((await record.row(two)).queue_seq);
    expect(await record.row(one)).toMatchObject({
      attempt: 0,
      claim_token: null,
      finished_at: null,
      error_info: { name: 'Error' },
    });
    expect((await record.events(one)).at(-1)).toMatchObject({
      event: 'retried',
      detail: { by: 'ann', from: 'last_good' },
    });
    const again = await claimed(record, one);
    expect(again).toMatchObject({ attempt: 1, errorInfo: { message: 'it broke' } });
    await record.repo.settle([{ ...again, outcome: { kind: 'processed', last: undefined } }]);
    expect((await record.row(one)).error_info).toBeNull();
  });

  it('goes on after the last good stage', async () => {
    const jobId = await failedAfter('one', 'two');
    await record.repo.retry([jobId], { kind: 'last_good' }, 'test');
    expect(await stagesOf(jobId)).toEqual(['one', 'two']);
  });

  it('from the start forgets all stages', async () => {
    const jobId = await failedAfter('one', 'two');
    await record.repo.retry([jobId], { kind: 'start' }, 'test');
    expect(await stagesOf(jobId)).toEqual([]);
  });

  it('from a stage forgets that one and those that finished after it', async () => {
    const jobId = await failedAfter('zebra', 'match', 'alpha');
    await record.repo.retry([jobId], { kind: 'stage', name: 'match' }, 'test');
    expect(await stagesOf(jobId)).toEqual(['zebra']);
    expect((await record.events(jobId)).at(-1)).toMatchObject({ detail: { from: 'stage', stage: 'match' } });
  });

  it('from a stage that never finished forgets nothing: it is the next one anyway', async () => {
    const jobId = await failedAfter('one');
    await record.repo.retry([jobId], { kind: 'stage', name: 'match' }, 'test');
    expect(await stagesOf(jobId)).toEqual(['one']);
  });

  it('answers each id: unknown, not failed, retried', async () => {
    const ids = [randomUUID(), await jobIn(record, 'processed'), await failed(record)];
    const answers = await record.repo.retry(ids, { kind: 'last_good' }, 'test');
    expect(answers.map(({ verdict, status }) => [verdict, status])).toEqual([
      ['unknown', null],
      ['not_failed', 'processed'],
      ['retried', 'queued'],
    ]);
  });
});

describe('cancel', () => {
  it('answers each id by where it stands', async () => {
    const ids = [
      await jobIn(record, 'queued'),
      await jobIn(record, 'processing'),
      await jobIn(record, 'cancelled'),
      await jobIn(record, 'processed'),
      await jobIn(record, 'discovered'),
      await jobIn(record, 'failed'),
      randomUUID(),
    ];
    const answers = await record.repo.cancel(ids, 'ann');
    expect(answers.map(({ verdict, status }) => [verdict, status])).toEqual([
      ['cancelled', 'cancelled'],
      ['requested', 'processing'],
      ['already_cancelled', 'cancelled'],
      ['refused', 'processed'],
      ['refused', 'discovered'],
      ['refused', 'failed'],
      ['unknown', null],
    ]);
    expect((await record.events(ids[0] ?? '')).at(-1)).toMatchObject({ event: 'cancelled', detail: { by: 'ann' } });
  });

  it('takes a delayed job too, and it is due no more', async () => {
    const claim = await processing(record);
    const outcome = { kind: 'retry', delaySeconds: 5, spendsAttempt: true, error: errorOf() } as const;
    await record.repo.settle([{ ...claim, outcome }]);
    await record.repo.cancel([claim.jobId], 'test');
    expect(await record.row(claim.jobId)).toMatchObject({
      status: 'cancelled',
      next_attempt_at: null,
      claim_token: null,
    });
    expect((await record.repo.tick([], [], holderOf())).nextDueMs).toBeNull();
  });

  it('keeps the time of the first wish', async () => {
    const { jobId } = await processing(record);
    await record.repo.cancel([jobId], 'test');
    const { cancel_requested_at: first } = await record.row(jobId);
    await record.repo.cancel([jobId], 'test');
    expect((await record.row(jobId)).cancel_requested_at).toBe(first);
  });

  // What had gone wrong: the CHECKs see the new row as it follows from the snapshot. A cancel that began while the job was
  // failed, and found it in processing, wrote `failed` without a time for a moment, and was refused for it.
  it('is not refused for what the row was before it was locked', async () => {
    const jobId = await failed(record);
    let asked: Promise<unknown> = Promise.resolve();
    await record.db.transaction(async (tx) => {
      await retry(tx, [jobId], { kind: 'last_good' }, 'test');
      await claim(tx, [{ jobId, token: randomUUID() }], holderOf());
      asked = record.repo.cancel([jobId], 'test');
      await record.somebodyWaits();
    });
    expect(await asked).toMatchObject([{ verdict: 'requested' }]);
  });
});

describe('discard', () => {
  it('takes a job out of the dead letters, and keeps its error and its time', async () => {
    const jobId = await failed(record);
    const before = await record.row(jobId);
    expect(await record.repo.discard([jobId], 'ann')).toEqual([{ jobId, verdict: 'discarded', status: 'cancelled' }]);
    const { status, error_info, finished_at, claim_token } = await record.row(jobId);
    expect({ status, error_info, finished_at, claim_token }).toEqual({
      status: 'cancelled',
      error_info: before.error_info,
      finished_at: before.finished_at,
      claim_token: null,
    });
    expect((await record.events(jobId)).at(-1)).toMatchObject({ event: 'discarded', detail: { by: 'ann' } });
    expect(await record.repo.deadLetters(10)).toEqual([]);
  });

  it('answers each id: unknown, not failed', async () => {
    const answers = await record.repo.discard([randomUUID(), await jobIn(record, 'queued')], 'test');
    expect(answers.map((answer) => [answer.verdict, answer.status])).toEqual([
      ['unknown', null],
      ['not_failed', 'queued'],
    ]);
  });

  // The same as for cancel: it began in processing and found the job failed; `cancelled` had no time.
  it('is not refused for what the row was before it was locked', async () => {
    const { jobId, token } = await processing(record);
    let asked: Promise<unknown> = Promise.resolve();
    await record.db.transaction(async (tx) => {
      await settle(tx, [{ jobId, token, outcome: { kind: 'failed', error: errorOf() } }]);
      asked = record.repo.discard([jobId], 'test');
      await record.somebodyWaits();
    });
    expect(await asked).toMatchObject([{ verdict: 'discarded' }]);
  });
});

describe('clear', () => {
  it('takes waiting and delayed jobs back to discovered, page by page, and never touches one in processing', async () => {
    const busy = await processing(record);
    const delayed = await processing(record);
    const outcome = { kind: 'retry', delaySeconds: 60, spendsAttempt: true, error: errorOf() } as const;
    await record.repo.settle([{ ...delayed, outcome }]);
    const ids = [delayed.jobId, ...(await queued(record, 4))];
    const before = await record.row(busy.jobId);
    const end = await record.repo.lastQueueSeq();
    const pages = [];
    for (let more = true; more;) {
      const page = await record.repo.clear(end, 2, 'ann');
      pages.push(page.cleared.length);
      more = page.more;
    }
    expect(pages).toEqual([2, 2, 1, 0]);
    for (const jobId of ids) {
      expect(await record.row(jobId)).toMatchObject({
        status: 'discovered',
        attempt: 0,
        queue_seq: null,
        queued_at: null,
        next_attempt_at: null,
        claim_token: null,
      });
      expect((await record.events(jobId)).at(-1)).toMatchObject({ event: 'cleared', detail: { by: 'ann' } });
    }
    expect(await record.row(busy.jobId)).toEqual(before);
  });

  it('does not chase what is enqueued while it runs', async () => {
    await queued(record, 1);
    const end = await record.repo.lastQueueSeq();
    const [later = ''] = await queued(record, 1);
    expect((await record.repo.clear(end, 10, 'test')).cleared).toHaveLength(1);
    expect((await record.row(later)).status).toBe('queued');
  });

  it('unmarks what the poller would enqueue again by itself', async () => {
    const [jobId = ''] = await discovered(record, 1, true);
    await record.repo.enqueue([{ jobId, call: 0 }], 0);
    await record.sql('UPDATE jobs SET auto_enqueue = true'); // a posting that came again before the clear
    await record.repo.clear(await record.repo.lastQueueSeq(), 10, 'test');
    expect(await record.repo.autoEnqueuePage(0, 10)).toEqual([]);
    expect((await record.repo.discoveredPage(0, 10)).map((job) => job.jobId)).toEqual([jobId]);
  });

  it('a cleared job that is queued anew begins at attempt 1', async () => {
    const [jobId = ''] = await queued(record, 1);
    await record.repo.clear(await record.repo.lastQueueSeq(), 10, 'test');
    await record.repo.enqueue([{ jobId, call: 0 }], 0);
    expect((await claimed(record, jobId)).attempt).toBe(1);
  });
});
