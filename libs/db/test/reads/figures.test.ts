import { afterAll, beforeAll, expect, it } from 'vitest';
import { discovered, errorOf, failed, jobIn, openRecord, processing, queued, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

it('of an empty queue are zeros and nulls', async () => {
  expect(await record.repo.figures()).toEqual({
    counts: { discovered: 0, queued: 0, processing: 0, processed: 0, failed: 0, cancelled: 0 },
    depth: 0,
    delayed: 0,
    paused: false,
    ratePerMinute: 0,
    executionMs: { p50: null, p95: null, p99: null, count: 0 },
    oldestWaitingSeconds: null,
  });
});

it('tell what is ready from what waits for its time, and count attempts that ended', async () => {
  await discovered(record, 3);
  const [oldest = ''] = await queued(record, 2);
  await record.sql(`UPDATE application_tracking SET queued_at = queued_at - interval '30 s' WHERE job_id = $1`, [
    oldest,
  ]);
  await processing(record);
  await jobIn(record, 'processed');
  await jobIn(record, 'cancelled');
  await failed(record);
  const later = await processing(record);
  const outcome = { kind: 'retry', delaySeconds: 60, spendsAttempt: true, error: errorOf() } as const;
  await record.repo.settle([{ ...later, outcome }]);
  const figures = await record.repo.figures();
  expect(figures).toMatchObject({
    counts: { discovered: 3, queued: 3, processing: 1, processed: 1, failed: 1, cancelled: 1 },
    depth: 2,
    delayed: 1,
    ratePerMinute: 2,
    executionMs: { count: 3 },
  });
  expect(figures.oldestWaitingSeconds).toBeGreaterThanOrEqual(30);
  expect(figures.oldestWaitingSeconds).toBeLessThan(60);
});

it('take percentiles over the last hour, and the rate over the last minute', async () => {
  await record.sql(`DELETE FROM job_events`);
  await record.sql(
    `INSERT INTO job_events (job_id, event, at, detail)
      SELECT gen_random_uuid(), 'processed', clock_timestamp() - interval '2 min', jsonb_build_object('duration_ms', n) FROM generate_series(1, 100) n
      UNION ALL SELECT gen_random_uuid(), 'processed', clock_timestamp() - interval '61 min', jsonb_build_object('duration_ms', 1000000)
      UNION ALL SELECT gen_random_uuid(), 'failed', clock_timestamp(), '{"duration_ms": 50}'`,
  );
  const { executionMs, ratePerMinute } = await record.repo.figures();
  expect(executionMs).toEqual({ p50: 50, p95: 95, p99: 99, count: 101 });
  expect(ratePerMinute).toBe(1);
});

it('count a retry from the time at which it became ready', async () => {
  await record.sql('DELETE FROM jobs');
  const claim = await processing(record);
  const outcome = { kind: 'retry', delaySeconds: 0, spendsAttempt: true, error: errorOf() } as const;
  await record.repo.settle([{ ...claim, outcome }]);
  await record.sql(`UPDATE application_tracking SET queued_at = queued_at - interval '1 hour'`);
  expect((await record.repo.figures()).oldestWaitingSeconds).toBeLessThan(60);
});
