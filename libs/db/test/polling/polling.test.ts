// What the poller remembers: the state of each source, and what it set aside.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRecord, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

const stateOf = async (source: string) => (await record.repo.sourceStates()).find((state) => state.source === source);

it('counts failures in a row, and forgets them with the next success', async () => {
  await record.repo.sourceFailed({ source: 's', nextPollSeconds: 10, error: 'first \0' });
  await record.repo.sourceFailed({ source: 's', nextPollSeconds: 20, error: 'second' });
  expect(await stateOf('s')).toMatchObject({ failures: 2, error: 'second', lastSuccess: null, memory: {} });
  await record.repo.sourceSucceeded({ source: 's', nextPollSeconds: 300, memory: { etag: 'W/"1"' } });
  const state = await stateOf('s');
  expect(state).toMatchObject({ failures: 0, error: null, memory: { etag: 'W/"1"' } });
  expect((state?.nextPoll?.getTime() ?? 0) - (state?.lastSuccess?.getTime() ?? 0)).toBe(300_000);
  await record.repo.sourceFailed({ source: 's', nextPollSeconds: 10, error: 'again' });
  expect(await stateOf('s')).toMatchObject({ failures: 1, memory: { etag: 'W/"1"' } });
  await record.repo.sourceSucceeded({ source: 's', nextPollSeconds: 1 });
  expect((await stateOf('s'))?.memory).toEqual({});
});

it('keeps one reason for each place, the latest, newest first', async () => {
  await record.repo.recordRejected('s', []);
  await record.repo.recordRejected('s', [
    { place: 'line 1', external_id: null, reason: 'no title' },
    { place: 'line 2', external_id: '7', reason: 'no company \0' },
  ]);
  await record.repo.recordRejected('s', [{ place: 'line 1', external_id: '6', reason: 'too big' }]);
  await record.repo.recordRejected('t', [{ place: 'line 1', external_id: null, reason: 'other source' }]);
  const rejected = await record.repo.rejectedPostings(10);
  expect(rejected.map(({ source, place, external_id, reason }) => [source, place, external_id, reason])).toEqual([
    ['t', 'line 1', null, 'other source'],
    ['s', 'line 1', '6', 'too big'],
    ['s', 'line 2', '7', 'no company \uFFFD'],
  ]);
  expect(await record.repo.rejectedPostings(1)).toHaveLength(1);
});

it('takes a batch which names one place twice', async () => {
  const twice = ['first', 'second'].map((reason) => ({ place: 'line 9', external_id: null, reason }));
  await record.repo.recordRejected('twice', twice);
  expect((await record.repo.rejectedPostings(100)).filter(({ source }) => source === 'twice')).toMatchObject([
    { reason: 'second' },
  ]);
});

it('keeps the newest 10,000 of a source', async () => {
  const many = Array.from({ length: 10_050 }, (_entry, n) => ({
    place: `line ${String(n)}`,
    external_id: null,
    reason: 'no',
  }));
  await record.repo.recordRejected('flood', many);
  const kept = await record.client.query(`SELECT count(*)::int AS n FROM rejected_postings WHERE source = 'flood'`);
  expect(kept.rows).toEqual([{ n: 10_000 }]);
  expect((await record.repo.rejectedPostings(20_000)).filter(({ source }) => source === 't')).toHaveLength(1);
});
