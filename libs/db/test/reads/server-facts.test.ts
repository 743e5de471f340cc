import { afterAll, beforeAll, expect, it } from 'vitest';
import { leaseRunsOut, openRecord, processing, queued, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

it('tells of the server what matters, and misses no index of a migrated database', async () => {
  const facts = await record.repo.serverFacts();
  expect(facts).toMatchObject({ readOnly: false, synchronousCommit: 'on', longTransactions: [], missingIndexes: [] });
  expect(facts.versionNumber).toBeGreaterThanOrEqual(150_000);
  expect(facts.connectionsUsed).toBeGreaterThan(0);
  expect(facts.connectionsMax).toBeGreaterThan(facts.connectionsUsed);
  expect(Math.abs(facts.now.getTime() - Date.now())).toBeLessThan(60_000);
  await record.sql('DROP INDEX application_tracking_due');
  expect((await record.repo.serverFacts()).missingIndexes).toEqual(['application_tracking_due']);
});

it('tells how the queue stands: paused since when, and claims that nobody takes over', async () => {
  expect(await record.repo.queueStateFacts()).toMatchObject({
    paused: false,
    pausedAt: null,
    redisBehind: null,
    overdueClaims: 0,
  });
  const { jobId } = await processing(record);
  await record.repo.setPaused(true, 'test');
  await leaseRunsOut(record, jobId);
  await record.sql(`UPDATE application_tracking SET lease_until = lease_until - interval '10 s' WHERE job_id = $1`, [
    jobId,
  ]);
  const facts = await record.repo.queueStateFacts();
  expect(facts).toMatchObject({ paused: true, overdueClaims: 1 });
  expect(facts.pausedAt).toBeInstanceOf(Date);
  await record.repo.setPaused(false, 'test');
  expect((await record.repo.queueStateFacts()).pausedAt).toBeNull();
});

it('counts who stands before a place in line', async () => {
  const ids = await queued(record, 3);
  const last = (await record.row(ids[2] ?? '')).queue_seq ?? 0;
  const first = (await record.row(ids[0] ?? '')).queue_seq ?? 0;
  expect((await record.repo.jobsAhead(last)) - (await record.repo.jobsAhead(first))).toBe(2);
});
