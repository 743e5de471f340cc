// Notices from end to end: workers whose jobs fail, and a receiver with faults. What it does must not be felt by the work.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startWebhookReceiver, waitFor, type WebhookReceiver } from '@jobhive/test-kit';
import { StageFailure } from '../src/threads/stage-failure.ts';
import { nothing, workerBench, type RunStage, type WorkerBench } from './worker-bench.ts';

let bench: WorkerBench;
let receiver: WebhookReceiver;
let from = 0;
let worker: ReturnType<WorkerBench['run']> | undefined;

beforeAll(async () => {
  bench = await workerBench({ RQ_MAX_RETRIES: '0', SHUTDOWN_GRACE: '1' });
  receiver = await startWebhookReceiver();
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  receiver.manner = 'takes';
  from = receiver.received.length;
});
afterAll(async () => {
  await receiver.close();
  await bench.close();
});

const failing: RunStage = (task) => {
  throw new StageFailure({ name: 'Error', message: `broken ${task.job.external_id}`, reason: 'error' });
};
/** By this test. */
const arrived = (): { id: string; kind: string; job_id: string | null }[] =>
  receiver.received.slice(from).map(({ body }) => JSON.parse(body) as ReturnType<typeof arrived>[number]); // as our own sender writes it
const withHook = (): Record<string, string> => ({
  NOTIFY_WEBHOOK_URL: receiver.url,
  NOTIFY_WEBHOOK_SECRET: 'hook-secret',
});

test('a job that fails for good is told within seconds, once', async () => {
  worker = bench.run({ stage: failing, env: withHook() });
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'failed');
  await waitFor('the notice', () => arrived().length > 0);
  expect(arrived()).toMatchObject([{ kind: 'dead_letter', job_id: id }]);
});

test('a burst worker sends what it made before it ends', async () => {
  const [id = ''] = await bench.enqueue(1);
  worker = bench.run({ stage: failing, burst: true, env: withHook() });
  await worker.ended;
  expect(arrived().map(({ job_id }) => job_id)).toEqual([id]);
});

test('a receiver that never answers delays no job, and holds up no end', async () => {
  receiver.manner = 'slow';
  const rateOf = async (env: Record<string, string>): Promise<number> => {
    const from = performance.now();
    worker = bench.run({ stage: (task) => (odd(task.job.external_id) ? failing(task) : nothing), env });
    const ids = await bench.enqueue(60);
    await waitFor('all are settled', async () => {
      const statuses = await Promise.all(ids.map((id) => bench.status(id)));
      return statuses.every((status) => status === 'processed' || status === 'failed');
    });
    const ms = performance.now() - from;
    const stopping = performance.now();
    await worker.stop();
    expect(performance.now() - stopping).toBeLessThan(6000);
    return ms;
  };
  await rateOf({});
  const [without, withSilence] = [await rateOf({}), await rateOf(withHook())];
  // Each POST waits for 5 s: a worker that waited for one would be ten times as slow.
  expect(withSilence).toBeLessThan(without + 4000);
});

const odd = (externalId: string): boolean => Number(externalId.split('-')[1]) % 2 === 1;

test('a queue whose jobs nobody takes is told as stuck, once', async () => {
  await bench.database.client.query('TRUNCATE notices');
  await bench.open.queue.pause('test');
  await bench.enqueue(1);
  await bench.database.client.query(
    `UPDATE application_tracking SET queued_at = queued_at - interval '60 s', next_attempt_at = NULL WHERE status = 'queued'`,
  );
  await bench.database.client.query(`UPDATE job_events SET at = at - interval '1 h'`);
  await bench.database.client.query('UPDATE queue_state SET paused = false'); // nobody is told: a worker that sees it, but takes nothing
  const parts = bench.assembled({ env: withHook() });
  await waitFor('the notice', () => {
    parts.notices.look({ leads: true, noticesDue: true, paused: false, waiting: true });
    return arrived().length > 0;
  });
  expect(arrived()).toMatchObject([{ kind: 'stuck', job_id: null, fingerprint: null }]);
  expect(bench.log.has('notice.stuck')).toBe(true);
  await parts.notices.stop(500);
  expect(arrived()).toHaveLength(1);
});
