import { expect, it, vi } from 'vitest';
import { createLogger, createMetrics, RECONCILE_REASONS } from '../../src/index.ts';
import { RecordingStream } from '../log/recording-stream.ts';

it('shows every name of the contract from the start, with 0', async () => {
  const text = await createMetrics().render();
  const names = [
    ...['queue_depth', 'queue_delayed', 'oldest_waiting_seconds', 'jobs_total', 'attempts_total'],
    ...['attempt_duration_seconds', 'stage_duration_seconds', 'enqueue_duration_seconds', 'pickup_latency_seconds'],
    ...['workers_active', 'dead_letters', 'stale_claims_total', 'reconciled_total', 'redis_up', 'postgres_up'],
    ...['polls_total', 'postings_total', 'queue_paused', 'backlog_seconds_per_worker', 'notices_pending', 'slots_free'],
  ];
  for (const name of names) expect(text).toContain(`# TYPE jobhive_${name} `);
  const plain = ['queue_depth', 'queue_delayed', 'oldest_waiting_seconds', 'workers_active', 'dead_letters'];
  for (const name of ['queue_paused', 'backlog_seconds_per_worker', 'notices_pending'])
    expect(text).toContain(`\njobhive_${name} 0\n`);
  for (const name of [...plain, 'stale_claims_total', 'redis_up', 'postgres_up']) {
    expect(text).toContain(`\njobhive_${name} 0\n`);
  }
  expect(text).toContain('jobhive_attempt_duration_seconds_count 0');
  for (const status of ['discovered', 'queued', 'processing', 'processed', 'failed', 'cancelled']) {
    expect(text).toContain(`jobhive_jobs_total{status="${status}"} 0`);
  }
  for (const outcome of ['processed', 'retried', 'failed', 'given_back', 'cancelled', 'stale']) {
    expect(text).toContain(`jobhive_attempts_total{outcome="${outcome}"} 0`);
  }
  for (const reason of RECONCILE_REASONS) expect(text).toContain(`jobhive_reconciled_total{reason="${reason}"} 0`);
});

it('counts, observes and sets by its named members, apart from any other of its kind', async () => {
  const metrics = createMetrics();
  metrics.jobsTotal.inc({ status: 'queued' }, 3);
  metrics.stageDurationSeconds.observe({ stage: 'match' }, 0.2);
  metrics.pollsTotal.inc({ source: 'file:a', outcome: 'ok' });
  metrics.queueDepth.set(5);
  const text = await metrics.render();
  expect(text).toContain('jobhive_jobs_total{status="queued"} 3');
  expect(text).toContain('jobhive_stage_duration_seconds_count{stage="match"} 1');
  expect(text).toContain('jobhive_polls_total{source="file:a",outcome="ok"} 1');
  expect(text).toContain('jobhive_queue_depth 5');
  expect(await createMetrics().render()).toContain('jobhive_queue_depth 0');
});

it('brings gauges up to date before it renders them, at most once in 5 s', async () => {
  let nowMs = 0;
  const metrics = createMetrics({ clock: { now: () => new Date(), monotonicMs: () => nowMs } });
  let refreshes = 0;
  metrics.onCollect(() => Promise.resolve(metrics.queueDepth.set((refreshes += 1))));
  expect(await metrics.render()).toContain('jobhive_queue_depth 1');
  nowMs = 4_999;
  expect(await metrics.render()).toContain('jobhive_queue_depth 1');
  nowMs = 5_000;
  expect(await metrics.render()).toContain('jobhive_queue_depth 2');
});

it('shares one refresh among all who ask at the same time', async () => {
  const metrics = createMetrics();
  let refreshes = 0;
  metrics.onCollect(async () => {
    refreshes += 1;
    await Promise.resolve();
  });
  await Promise.all([metrics.render(), metrics.render()]);
  expect(refreshes).toBe(1);
});

it('keeps the last values where a refresh fails, and logs it', async () => {
  const stream = new RecordingStream();
  let nowMs = 0;
  const clock = { now: () => new Date(), monotonicMs: () => nowMs };
  const metrics = createMetrics({ clock, log: createLogger({ level: 'warn', format: 'json', stream }) });
  const answers = [
    (): void => metrics.queueDepth.set(9),
    (): void => {
      throw new Error('Postgres is away');
    },
  ];
  metrics.onCollect(() => Promise.resolve(answers.shift()?.()));
  await metrics.render();
  nowMs = 5_000;
  expect(await metrics.render()).toContain('jobhive_queue_depth 9');
  expect(stream.records).toMatchObject([{ event: 'metrics.refresh_failed', error_name: 'Error' }]);
});

it('waits for a refresh at most 2 s, and begins no other beside it', async () => {
  vi.useFakeTimers();
  try {
    const metrics = createMetrics();
    let begun = 0;
    metrics.onCollect(() => {
      begun += 1;
      return new Promise(() => undefined);
    });
    for (let round = 0; round < 2; round += 1) {
      const rendered = metrics.render();
      await vi.advanceTimersByTimeAsync(2_000);
      expect(await rendered).toContain('jobhive_queue_depth 0');
      await vi.advanceTimersByTimeAsync(10_000);
    }
    expect(begun).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});
