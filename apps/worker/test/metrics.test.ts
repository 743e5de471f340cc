// Each counter and histogram of a worker against real work of each kind. (Those of producers and pollers: libs/queue, apps/poller;
// the gauges: libs/queue/test/measure.)
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMetrics } from '@jobhive/config';
import { waitFor } from '@jobhive/test-kit';
import { failureOfAbort, StageFailure } from '../src/threads/stage-failure.ts';
import { runWorker } from '../src/worker.ts';
import { nothing, workerBench, type RunStage, type WorkerBench } from './worker-bench.ts';

let bench: WorkerBench;
let text: string;
beforeAll(async () => {
  bench = await workerBench({ RQ_RETRY_DELAYS: '0', RQ_MAX_RETRIES: '1', SHUTDOWN_GRACE: '0' });
  text = await metricsOfWork();
});
afterAll(() => bench.close());

/** One job that is processed, one that fails twice, one cancelled, one stolen, one given back at the end. */
async function metricsOfWork(): Promise<string> {
  await bench.open.queue.pause('test');
  const [good = '', bad = '', cancelled = '', stolen = '', last = ''] = await bench.enqueue(5);
  const steal = `UPDATE application_tracking SET claim_token = gen_random_uuid(), holder = gen_random_uuid() WHERE job_id = $1`;
  const stage: RunStage = async (task) => {
    const { id } = task.job;
    if (id === bad) throw new StageFailure({ name: 'Error', message: 'broken', reason: 'error' });
    if (id === stolen) await bench.database.client.query(steal, [id]);
    if (id !== cancelled && id !== last) return nothing;
    return new Promise((_, reject) => {
      task.signal.addEventListener('abort', () => reject(failureOfAbort(task.stage)));
    });
  };
  await bench.open.queue.resume('test');
  const parts = bench.parts({ stage, slots: 3 });
  const shutdown = new AbortController();
  await parts.open.redis.ready(5000);
  const ended = runWorker(parts, shutdown.signal);
  await bench.until(good, 'processed');
  await bench.until(bad, 'failed');
  await bench.until(cancelled, 'processing');
  await bench.open.queue.cancel(cancelled, 'test');
  await bench.until(cancelled, 'cancelled');
  await waitFor('the refused write', async () => (await bench.events(stolen)).includes('stale_write_refused'));
  await bench.until(last, 'processing');
  shutdown.abort();
  await ended;
  expect(await bench.status(last)).toBe('queued');
  return parts.open.metrics.render();
}

test.each([
  'attempts_total{outcome="processed"} 1',
  'attempts_total{outcome="retried"} 1',
  'attempts_total{outcome="failed"} 1',
  'attempts_total{outcome="cancelled"} 1',
  'attempts_total{outcome="stale"} 1',
  'attempts_total{outcome="given_back"} 1',
  'jobs_total{status="processing"} 6',
  'jobs_total{status="processed"} 1',
  'jobs_total{status="failed"} 1',
  'jobs_total{status="cancelled"} 1',
  'jobs_total{status="queued"} 2',
  'stale_claims_total 1',
  'attempt_duration_seconds_count 5',
  'stage_duration_seconds_count{stage="only"} 2',
  'pickup_latency_seconds_count 5',
])('%s', (line) => {
  expect(text.split('\n')).toContain(`jobhive_${line}`);
});

test('nothing of it is counted by a process that did none of it', async () => {
  expect(await createMetrics().render()).toContain('jobhive_attempts_total{outcome="processed"} 0');
});
