import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sessionKey, createSessionLock } from '../../src/leases/session-lock.ts';
import { randomUUID } from 'node:crypto';
import { holderOf, leaseRunsOut, openRecord, processing, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());
afterEach(() => record.sql('DELETE FROM jobs'));

const leftMs = async (jobId: string): Promise<number> =>
  (
    await record.client.query<{ ms: number }>(
      `SELECT (extract(epoch FROM lease_until - clock_timestamp()) * 1000)::float8 AS ms FROM application_tracking WHERE job_id = $1`,
      [jobId],
    )
  ).rows[0]?.ms ?? Number.NaN;
const lastTickAgo = (seconds: number): Promise<void> =>
  record.sql(`UPDATE queue_state SET last_tick = clock_timestamp() - $1::float8 * interval '1 s'`, [seconds]);

describe('after an outage of Postgres', () => {
  it('every lease, also one that ran out meanwhile, lasts a whole lease from now; a longer one stays', async () => {
    const gone = await processing(record);
    const longer = await processing(record, holderOf({ leaseMs: 90_000 }));
    await leaseRunsOut(record, gone.jobId);
    await lastTickAgo(10);
    expect(await record.repo.extendLeasesAfterOutage(30_000)).toEqual({ outage: true, moved: 2 });
    expect(await leftMs(gone.jobId)).toBeGreaterThan(29_000);
    expect(await leftMs(longer.jobId)).toBeGreaterThan(80_000);
    expect(await record.repo.expire([], 3)).toEqual([]);
    // The second to come back finds that it is done.
    expect(await record.repo.extendLeasesAfterOutage(30_000)).toEqual({ outage: false, moved: 0 });
  });

  it('a lease that is shorter than a living worker may hang lasts ten seconds', async () => {
    const { jobId } = await processing(record, holderOf({ leaseMs: 3000 }));
    await lastTickAgo(10);
    await record.repo.extendLeasesAfterOutage(3000);
    expect(await leftMs(jobId)).toBeGreaterThan(9000);
  });

  it('nothing moves where others have ticked: then it was no outage of Postgres, and who is silent is lost', async () => {
    const gone = await processing(record);
    await leaseRunsOut(record, gone.jobId);
    await lastTickAgo(1);
    expect(await record.repo.extendLeasesAfterOutage(30_000)).toEqual({ outage: false, moved: 0 });
    expect(await record.repo.expire([], 3)).toHaveLength(1);
  });

  it('only one of those who come back at once moves them', async () => {
    await processing(record);
    await lastTickAgo(10);
    const answers = await Promise.all(Array.from({ length: 4 }, () => record.repo.extendLeasesAfterOutage(30_000)));
    expect(answers.filter((answer) => answer.outage)).toHaveLength(1);
  });
});

describe('a session lock that is gone', () => {
  it('shortens the lease to three seconds, no more, and a renewal restores it', async () => {
    const id = randomUUID();
    const holder = holderOf({ id, sessionKey: sessionKey(id) });
    const { jobId, token } = await processing(record, holder);
    expect(await record.repo.shortenLeasesWithoutSession(0)).toEqual([jobId]);
    expect(await leftMs(jobId)).toBeLessThanOrEqual(3000);
    expect(await leftMs(jobId)).toBeGreaterThan(1000);
    expect(await record.repo.shortenLeasesWithoutSession(0)).toEqual([]); // never further
    await record.repo.tick([{ jobId, token, stage: null }], [token], holder);
    expect(await leftMs(jobId)).toBeGreaterThan(20_000);
  });

  it('is told from one that is held', async () => {
    const id = randomUUID();
    const lock = createSessionLock(record.url, id);
    await lock.ensure();
    const { jobId } = await processing(record, holderOf({ id, sessionKey: lock.key }));
    expect(await record.repo.shortenLeasesWithoutSession(0)).toEqual([]);
    await lock.release();
    expect(await record.repo.shortenLeasesWithoutSession(0)).toEqual([jobId]);
  });

  it('is nothing where there never was one: behind a pooler the lease alone tells', async () => {
    await processing(record, holderOf({ sessionKey: null }));
    expect(await record.repo.shortenLeasesWithoutSession(0)).toEqual([]);
  });

  it('is ignored while the server is younger than a lease: a restart took all locks, and nobody is dead', async () => {
    await processing(record, holderOf({ sessionKey: 4711n }));
    expect(await record.repo.shortenLeasesWithoutSession(365 * 24 * 3_600_000)).toEqual([]);
  });
});
