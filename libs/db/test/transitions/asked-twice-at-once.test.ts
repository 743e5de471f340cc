// The same ask twice in one statement: two entries of a job in one batch, or an ask made again before its batch went.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  discovered,
  errorOf,
  failed,
  holderOf,
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

describe('asked twice in one statement', () => {
  it('a settle writes its events once', async () => {
    const { jobId, token } = await processing(record);
    const ask = { jobId, token, outcome: { kind: 'processed', last: stageOf('last') } } as const;
    const answers = await record.repo.settle([ask, ask]);
    expect(answers.map((answer) => answer.status)).toEqual(['processed', 'processed']);
    expect(answers.map((answer) => answer.verdict)).not.toContain('stale');
    expect((await record.told(jobId)).slice(3)).toEqual(['stage_finished', 'processed']);
  });

  it('two different ends of one claim: the first of them is done, the other is refused', async () => {
    const { jobId, token } = await processing(record);
    const answers = await record.repo.settle([
      { jobId, token, outcome: { kind: 'failed', error: errorOf() } },
      { jobId, token, outcome: { kind: 'processed', last: undefined } },
    ]);
    expect(answers.map((answer) => answer.verdict)).toEqual(['done', 'stale']);
    expect((await record.told(jobId)).slice(3)).toEqual(['failed']);
    expect((await record.row(jobId)).status).toBe('failed');
  });

  it('checkpoints of two stages of one claim are both on record, or not answered as done', async () => {
    const { jobId, token } = await processing(record);
    const answers = await record.repo.checkpoint([
      { jobId, token, record: stageOf('one') },
      { jobId, token, record: stageOf('two') },
    ]);
    expect(answers).toEqual(['done', 'done']);
    expect(Object.keys((await record.row(jobId)).stage_outputs)).toEqual(['one', 'two']);
    expect((await record.told(jobId)).slice(3)).toEqual(['stage_finished', 'stage_finished']);
  });

  it('a claim counts one attempt', async () => {
    const [jobId = ''] = await queued(record, 1);
    const token = randomUUID();
    const answers = await record.repo.claim(
      [
        { jobId, token },
        { jobId, token },
      ],
      holderOf(),
    );
    expect(answers.map((answer) => answer.verdict)).toEqual(['won', 'not_yours']);
    expect((await record.row(jobId)).attempt).toBe(1);
  });

  it('an id of cancel, discard, retry and enqueue moves once', async () => {
    const [jobId = ''] = await discovered(record, 1);
    const call = 0;
    const queuedOnce = await record.repo.enqueue(
      [
        { jobId, call },
        { jobId, call },
      ],
      0,
    );
    expect(queuedOnce.map((answer) => answer.verdict)).toEqual(['queued', 'already_queued']);
    await record.repo.cancel([jobId, jobId], 'test');
    const lost = await failed(record);
    await record.repo.retry([lost, lost], { kind: 'last_good' }, 'test');
    const gone = await failed(record);
    await record.repo.discard([gone, gone], 'test');
    expect(await record.told(jobId)).toEqual(['discovered', 'queued', 'cancelled']);
    expect((await record.told(lost)).filter((event) => event === 'retried')).toHaveLength(1);
    expect((await record.told(gone)).filter((event) => event === 'discarded')).toHaveLength(1);
  });
});
