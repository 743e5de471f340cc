// The charts' minutes: what ended in each, how much waited when it was over, what was missed made good, and two days kept.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { discovered, openRecord, processing, queued, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());
beforeEach(() => record.sql('TRUNCATE history_minutes, job_events'));

const THIS_MINUTE = `date_trunc('minute', clock_timestamp(), 'UTC')`;

/** An attempt that ended so many minutes before the running one, in that minute's 30th second. */
function ended(minutesAgo: number, event: string, durationMs: number, count = 1): Promise<void> {
  return record.sql(
    `INSERT INTO job_events (job_id, event, at, detail)
      SELECT gen_random_uuid(), $2, ${THIS_MINUTE} - $1::int * interval '1 min' + interval '30 s', jsonb_build_object('duration_ms', $3::int + n)
      FROM generate_series(1, $4::int) n`,
    [minutesAgo, event, durationMs, count],
  );
}
async function sampleAll(): Promise<number> {
  for (let calls = 1; ; calls += 1) if (!(await record.repo.sampleMinutes()).more) return calls;
}

it('a minute that is over tells what ended in it, and how much waited', async () => {
  await discovered(record, 1);
  await queued(record, 3);
  const [later = ''] = await queued(record, 1);
  await record.sql(
    `UPDATE application_tracking SET next_attempt_at = clock_timestamp() + interval '1 hour' WHERE job_id = $1`,
    [later],
  );
  await processing(record);
  await ended(1, 'processed', 0, 98);
  await ended(1, 'failed', 98);
  await ended(1, 'retry_scheduled', 99);
  await ended(0, 'processed', 5, 7);
  expect((await record.repo.sampleMinutes()).nextMs).toBeGreaterThan(0);
  const minutes = await record.repo.historyMinutes(1);
  expect(minutes).toMatchObject([
    {
      depth: 3,
      delayed: 1,
      processing: 1,
      processed: 98,
      failed: 1,
      retried: 1,
      executionMs: { p50: 50, p95: 95, p99: 99 },
    },
  ]);
  expect(Date.now() - Date.parse(minutes[0]?.at ?? '')).toBeLessThan(125_000);
});

it('a minute is written once, whoever asks and how often', async () => {
  await ended(1, 'processed', 5);
  await Promise.all(Array.from({ length: 6 }, () => record.repo.sampleMinutes()));
  await ended(1, 'processed', 5);
  await record.repo.sampleMinutes();
  const [last] = (await record.repo.historyMinutes(1)).slice(-1);
  expect(last?.processed).toBeLessThanOrEqual(1);
});

it('what nobody sampled is made good from the history, but for what waited then', async () => {
  await ended(600, 'processed', 5, 2);
  await ended(3, 'failed', 5);
  expect(await sampleAll()).toBeGreaterThan(1);
  const minutes = await record.repo.historyMinutes(24);
  expect(minutes).toHaveLength(600);
  expect(minutes[0]).toMatchObject({ processed: 2, depth: null });
  expect(minutes.at(-3)).toMatchObject({ failed: 1, executionMs: { p50: 6 } });
  expect(minutes.at(-1)?.depth).toEqual(expect.any(Number));
  expect(minutes.map(({ at }) => at)).toEqual([...minutes.map(({ at }) => at)].sort());
  expect(await record.repo.historyMinutes(1)).toHaveLength(60);
});

it('reaches back a day at most, and keeps two', async () => {
  await ended(60 * 30, 'processed', 5);
  await ended(60 * 23, 'processed', 5);
  await record.sql(
    `INSERT INTO history_minutes (minute, processed, failed, retried) SELECT ${THIS_MINUTE} - h * interval '1 hour', 0, 0, 0 FROM unnest(ARRAY[47, 49]) h`,
  );
  await sampleAll();
  const kept = await record.client.query<{ hours: number }>(
    `SELECT round(extract(epoch FROM ${THIS_MINUTE} - min(minute)) / 3600)::int AS hours FROM history_minutes`,
  );
  expect(kept.rows[0]?.hours).toBe(47);
  expect((await record.repo.historyMinutes(24)).length).toBeLessThanOrEqual(1440);
});
