import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRecord, processing, queued, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

it('tell the server and its clock, and that nothing is amiss on a fresh schema', async () => {
  const facts = await record.repo.serverFacts();
  expect(facts).toMatchObject({ readOnly: false, longTransactions: [], missingIndexes: [] });
  expect(facts.versionNumber).toBeGreaterThanOrEqual(150_000);
  expect(Math.abs(facts.now.getTime() - Date.now())).toBeLessThan(5000);
  expect(facts.connectionsUsed).toBeLessThanOrEqual(facts.connectionsMax);
});

it('name an index of ours that is gone', async () => {
  await record.sql('DROP INDEX application_tracking_due');
  expect((await record.repo.serverFacts()).missingIndexes).toEqual(['application_tracking_due']);
});

it('tell pause, what Redis lacks, and claims that nobody has taken over', async () => {
  expect(await record.repo.queueStateFacts()).toMatchObject({ paused: false, pausedAt: null, redisBehind: null });
  await record.repo.setPaused(true, 'somebody');
  await record.repo.markRedisBehind(7);
  const facts = await record.repo.queueStateFacts();
  expect(facts).toMatchObject({ paused: true, redisBehind: 7, overdueClaims: 0 });
  expect(facts.pausedAt).toBeInstanceOf(Date);
  await record.repo.setPaused(false, 'somebody');
  const held = await processing(record);
  await record.sql(`UPDATE application_tracking SET lease_until = now() - interval '10 s' WHERE job_id = $1`, [
    held.jobId,
  ]);
  expect(await record.repo.queueStateFacts()).toMatchObject({ paused: false, pausedAt: null, overdueClaims: 1 });
});

it('count the ready jobs that stand before a place, without those whose time has not come', async () => {
  const ids = await queued(record, 4);
  await record.sql(`UPDATE application_tracking SET next_attempt_at = now() + interval '1 h' WHERE job_id = $1`, [
    ids[0],
  ]);
  const last = await record.repo.findJob(ids[3] ?? '');
  expect(await record.repo.jobsAhead(last?.queueSeq ?? 0)).toBe(2);
});
