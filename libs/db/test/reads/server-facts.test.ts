import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../src/connect/database.ts';
import { serverFacts } from '../../src/reads/server-facts.ts';
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

// What had gone wrong: an autovacuum of a large table was told as somebody's transaction that must end.
it('tells long transactions of clients, and not what the server does by itself', async () => {
  await record.sql(`CREATE SCHEMA seen`);
  await record.sql(`CREATE VIEW seen.pg_stat_activity AS
    SELECT current_database() AS datname, pid, application_name, state, now() - interval '1 h' AS xact_start, backend_type
    FROM (VALUES (-1, 'psql', 'idle in transaction', 'client backend'), (-2, '', NULL, 'autovacuum worker'))
      AS seen (pid, application_name, state, backend_type)`);
  const url = new URL(record.url);
  url.searchParams.set('options', '-c search_path=seen,pg_catalog,public');
  const db = openDatabase({ url: url.href, pgbouncer: true }); // which leaves the session's settings to the address
  try {
    expect((await serverFacts(db)).longTransactions).toMatchObject([{ pid: -1, state: 'idle in transaction' }]);
  } finally {
    await db.close();
  }
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
