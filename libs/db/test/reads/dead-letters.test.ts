import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DeadLetter, DeadLetterScore } from '../../src/reads/dead-letters.ts';
import { failed, openRecord, queued, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());
afterEach(() => record.sql('DELETE FROM jobs'));

/** Puts the failures at these microseconds of one second, in this order. */
async function failedAt(...micros: number[]): Promise<string[]> {
  const ids: string[] = [];
  for (const micro of micros) {
    const jobId = await failed(record);
    await record.sql(
      `UPDATE application_tracking SET finished_at = timestamptz '2026-01-01 00:00:00Z' + $2::int * interval '1 us' WHERE job_id = $1`,
      [jobId, micro],
    );
    ids.push(jobId);
  }
  return ids;
}

describe('the dead letters', () => {
  it('are those that failed, oldest failure first, in the words of the contract', async () => {
    const [second, first] = await failedAt(9_000_000, 1_000_000);
    await queued(record, 1);
    const letters = await record.repo.deadLetters(10);
    expect(letters.map((letter) => letter.job_id)).toEqual([first, second]);
    expect(letters[0]).toEqual({
      job_id: first,
      failed_at: '2026-01-01T00:00:01.000000Z',
      attempts: 1,
      stage: 'match',
      name: 'Error',
      message: 'it broke',
      fingerprint: 'abc',
    });
  });

  // What had gone wrong: the cursor was cut to milliseconds, and so stood before its own row.
  it('come once each by page, also where many failed in one millisecond', async () => {
    const ids = await failedAt(5, 4, 3, 2, 1, 1, 1, 900, 1500);
    const seen: string[] = [];
    let last: DeadLetter | undefined;
    for (let pages = 0; pages < 20; pages += 1) {
      const page = await record.repo.deadLetters(2, last && { failedAt: last.failed_at, jobId: last.job_id });
      seen.push(...page.map((letter) => letter.job_id));
      last = page.at(-1);
      if (page.length < 2) break;
    }
    expect(seen).toHaveLength(ids.length);
    expect(new Set(seen)).toEqual(new Set(ids));
  });

  it('are searched by the words that are told of them, in any case, all of them, oldest failure first', async () => {
    const first = await failed(record, { name: 'TypeError', message: 'Größe 50% fehlt', fingerprint: 'print1' });
    const second = await failed(record, { name: 'RangeError', stage: 'render', fingerprint: 'print2' });
    const third = await failed(record, { name: 'TypeError', stage: 'render', fingerprint: 'print1' });
    await queued(record, 1);
    const found = async (text: string, limit = 10): Promise<string[]> =>
      (await record.repo.searchDeadLetters(text, limit)).map(({ job_id }) => job_id);
    expect(await found('typeerror')).toEqual([first, third]);
    expect(await found('RENDER  type')).toEqual([third]);
    expect(await found('print2')).toEqual([second]);
    expect(await found(second.slice(0, 8))).toEqual([second]);
    expect(await found('GRÖSSE')).toEqual([]);
    expect(await found('größe 50%')).toEqual([first]);
    expect(await found('%')).toEqual([first]);
    expect(await found(`'; \0 \\ {,}`)).toEqual([]);
    expect(await found('error', 2)).toEqual([first, second]);
  });

  it('have the stages on record that they finished and failed in, each once', async () => {
    const ids = [await failed(record, { stage: 'letter' }), await failed(record, { stage: null })];
    for (const stage of ['match', 'normalise']) {
      await record.sql(
        `UPDATE application_tracking SET stage_outputs = stage_outputs || jsonb_build_object($2::text, 1) WHERE job_id = ANY($1)`,
        [ids, stage],
      );
    }
    await failed(record, { stage: 'of another' });
    expect(await record.repo.stagesOnRecord(ids)).toEqual(['letter', 'match', 'normalise']);
    expect(await record.repo.stagesOnRecord([])).toEqual([]);
  });

  it('as scores for Redis come once each by page, in whole milliseconds', async () => {
    const ids = await failedAt(1, 2, 3, 1999, 2000);
    const seen: DeadLetterScore[] = [];
    for (let pages = 0; pages < 20; pages += 1) {
      const page = await record.repo.deadLetterScores(2, seen.at(-1));
      seen.push(...page);
      if (page.length < 2) break;
    }
    expect(seen.map((letter) => letter.jobId)).toEqual(ids);
    const from = Date.UTC(2026, 0, 1);
    expect(seen.map((letter) => letter.score - from)).toEqual([0, 0, 0, 1, 2]);
    // Where only the score is known, the page begins with its millisecond.
    const again = await record.repo.deadLetterScores(9, { jobId: ids[3] ?? '', score: from + 1 });
    expect(again.map((letter) => letter.jobId)).toContain(ids[4]);
  });

  it('of given ids are those which failed', async () => {
    const jobId = await failed(record);
    const [waiting = ''] = await queued(record, 1);
    expect((await record.repo.deadLetterScoresOf([waiting, jobId])).map((letter) => letter.jobId)).toEqual([jobId]);
  });
});

describe('the groups', () => {
  it('are by fingerprint, largest first, in the words of the newest', async () => {
    await failed(record, { fingerprint: 'big', message: 'older' });
    await failed(record, { fingerprint: 'small', message: 'alone' });
    await failed(record, { fingerprint: 'big', message: 'newer', stage: 'letter' });
    const groups = await record.repo.deadLetterGroups();
    expect(groups).toMatchObject([
      { fingerprint: 'big', count: 2, name: 'Error', message: 'newer', stage: 'letter' },
      { fingerprint: 'small', count: 1, message: 'alone' },
    ]);
    expect(groups[0]).not.toHaveProperty('newest_id');
    expect(new Date(groups[0]?.oldest_at ?? '').getTime()).toBeLessThan(new Date(groups[0]?.newest_at ?? '').getTime());
  });

  it('give their ids, oldest failure first; without a fingerprint those of all', async () => {
    const [one, two, three] = [
      await failed(record, { fingerprint: 'a' }),
      await failed(record, { fingerprint: 'b' }),
      await failed(record, { fingerprint: 'a' }),
    ];
    expect(await record.repo.deadLetterIds('a')).toEqual([one, three]);
    expect(await record.repo.deadLetterIds()).toEqual([one, two, three]);
    expect(await record.repo.deadLetterIds('\0')).toEqual([]);
  });
});
