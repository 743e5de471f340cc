// The dead-letter queue in Redis, made and mended from Postgres.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeadLetterSet, type DeadLetterSet } from '../../src/dead-letters/dead-letter-set.ts';
import { openStores, type Stores } from '../stores.ts';

let stores: Stores;
let set: DeadLetterSet;
beforeAll(async () => {
  stores = await openStores();
});
beforeEach(async () => {
  await stores.sql('DELETE FROM jobs');
  await stores.redis.clean();
  set = createDeadLetterSet(stores.store, stores.keys, stores.open.repository);
});
afterAll(() => stores.stop());

const members = (): Promise<string[]> => stores.redis.client.zrange(stores.keys.failed, '0', '-1');

/** `count` failures on record, a millisecond apart, some of the same time. */
async function failures(count: number): Promise<string[]> {
  const rows = await stores.sql<{ job_id: string }>(
    `WITH made AS (
      INSERT INTO jobs (source, external_id, title, company, discovery_seq)
      SELECT 'test', n::text, 'Cook', 'Inn', nextval('discovery_seq') FROM generate_series(1, $1::int) n RETURNING id, external_id)
    INSERT INTO application_tracking (job_id, status, finished_at)
    SELECT id, 'failed', timestamptz '2026-01-01' + (external_id::int / 3) * interval '1 ms' FROM made RETURNING job_id`,
    [count],
  );
  return rows.map((row) => row.job_id);
}

describe('the dead-letter set', () => {
  it('scores an id by the time of failure in milliseconds', async () => {
    const jobId = await stores.failed();
    expect(await set.add(await stores.open.repository.deadLetterScoresOf([jobId]))).toBe(1);
    const failedAt = new Date(String((await stores.row(jobId))['finished_at'])).getTime();
    expect(Number(await stores.redis.client.zscore(stores.keys.failed, jobId))).toBe(failedAt);
    expect(await set.remove([jobId])).toBe(1);
    expect(await members()).toEqual([]);
    expect([await set.add([]), await set.remove([])]).toEqual([0, 0]);
  });

  it('holds the time of the last failure, where a job failed again before it was taken out', async () => {
    const jobId = await stores.failed();
    await set.add([{ jobId, score: 1 }]);
    expect(await set.mendAll()).toEqual({ missing: 0, ghosts: 0 });
    expect(Number(await stores.redis.client.zscore(stores.keys.failed, jobId))).toBeGreaterThan(1);
  });

  it('is mended as a whole, over several pages, also where many failed at one time', async () => {
    const ids = await failures(2600);
    await stores.redis.client.zadd(stores.keys.failed, 5, '00000000-0000-4000-8000-000000000000', 6, 'no job id');
    expect(await set.mendAll()).toEqual({ missing: 2600, ghosts: 2 });
    expect((await members()).sort()).toEqual([...ids].sort());
  });

  it('is mended page by page, and begins again at the end', async () => {
    await failures(1500);
    const ghosts = Array.from({ length: 1200 }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`);
    await stores.redis.client.zadd(stores.keys.failed, ...ghosts.flatMap((id) => [1, id]));
    const told = [await set.mendPage(), await set.mendPage(), await set.mendPage(), await set.mendPage()];
    expect(told.reduce((sum, one) => sum + one.missing, 0)).toBe(1500);
    expect(told.reduce((sum, one) => sum + one.ghosts, 0)).toBe(1200);
    expect(await members()).toHaveLength(1500);
    expect(await set.mendPage()).toEqual({ missing: 0, ghosts: 0 });
  });
});
