// The contract's status document, and the gauges made of it.
import { createMetrics } from '@jobhive/config';
import { PostgresAwayError } from '@jobhive/db';
import { tcpProxy, waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepGauges } from '../../src/measure/gauges.ts';
import { readStatus } from '../../src/measure/status.ts';
import type { OpenQueue } from '../../src/open-queue.ts';
import { registerWorker } from '../../src/workers/registry.ts';
import { errorOf, openStores, type Stores } from '../stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await openStores({ WORKER_LEASE: '30' });
  const ids = await stores.queued(5);
  await stores.settle(await stores.claim(ids[0] ?? ''), { kind: 'processed', last: undefined });
  const retry = { kind: 'retry', delaySeconds: 60, spendsAttempt: true, error: errorOf() } as const;
  await stores.settle(await stores.claim(ids[1] ?? ''), retry);
  await stores.claim(ids[2] ?? '');
  await stores.failed();
  await stores.discovered(2);
  const report = { host: 'h', pid: 1, since: 's', job_id: null, stage: null, progress: null, processed: 1, failed: 0 };
  await registerWorker(
    stores.store,
    stores.keys,
    { name: 'w', holder: 'h1' },
    { ...report, slots: 3, in_hand: 1, mean_ms: 1500 },
  );
  const nowMs = Math.floor(await stores.store.timeMs());
  const silent = `h2 ${String(nowMs - 31_000)} ${JSON.stringify({ ...report, slots: 1, in_hand: 0, mean_ms: null })}`;
  await stores.redis.client.hset(stores.keys.workers, 'silent', silent);
});
afterAll(() => stores.stop());

const partsOf = (open: OpenQueue) => ({ ...open, store: open.redis, queueName: 'q', leaseMs: 30_000 });

describe('the status', () => {
  it('has counts from Postgres and the living workers from Redis', async () => {
    const status = await stores.open.queue.status();
    expect(status).toMatchObject({
      queue: stores.queueName,
      depth: 2,
      delayed: 1,
      processing: 1,
      failed: 1,
      paused: false,
      rate_per_minute: 2,
      execution_ms: { count: 3 },
      counts: { discovered: 2, queued: 3, processing: 1, processed: 1, failed: 1, cancelled: 0 },
      workers: { active: 1, list: [{ name: 'w', processed: 1 }] },
      redis: { ok: true },
      postgres: { ok: true },
    });
    expect(Object.keys(status.workers.list[0] ?? {}).sort()).toEqual(
      [
        'failed',
        'host',
        'in_hand',
        'job_id',
        'last_heartbeat',
        'name',
        'pid',
        'processed',
        'progress',
        'since',
        'slots',
        'stage',
      ].sort(),
    );
    expect(status.execution_ms.p50).toBeGreaterThanOrEqual(0);
    expect(status.oldest_waiting_seconds).toBeGreaterThan(0);
    expect(status.redis.latency_ms).toBeGreaterThan(0);
    expect(status.postgres.latency_ms).toBeGreaterThan(0);
    expect((await stores.open.queue.workers()).map((worker) => worker.name)).toEqual(['w']);
  });

  it('with Redis away says so, and has its counts all the same', async () => {
    const away = stores.another({ REDIS_URL: 'redis://127.0.0.1:1' });
    expect(await away.queue.status()).toMatchObject({
      depth: 2,
      workers: { active: null, list: [] },
      redis: { ok: false, latency_ms: null },
    });
    await expect(away.queue.workers()).rejects.toThrow('is away');
  });

  it('with a Redis that swallows what it is asked says so within a few seconds', async () => {
    const proxy = await tcpProxy(stores.redis.port);
    const swallowed = stores.another({ REDIS_URL: `redis://127.0.0.1:${String(proxy.port)}` });
    await swallowed.redis.ready(5000);
    proxy.blackhole(true);
    expect(await swallowed.queue.status()).toMatchObject({ redis: { ok: false }, workers: { active: null } });
    await proxy.close();
  });

  it('without Postgres there is none', async () => {
    const away = stores.another({ DATABASE_URL: 'postgres://postgres@127.0.0.1:1/jobhive' });
    await expect(away.queue.status()).rejects.toBeInstanceOf(PostgresAwayError);
  });

  it('of an empty queue has nothing that is oldest, and no percentiles', async () => {
    const fresh = await openStores();
    expect(await fresh.open.queue.status()).toMatchObject({
      depth: 0,
      oldest_waiting_seconds: null,
      execution_ms: { p50: null, p95: null, p99: null, count: 0 },
    });
    expect(await fresh.open.metrics.render()).toMatch(/^jobhive_oldest_waiting_seconds 0$/m);
    await fresh.stop();
  });
});

describe('the gauges', () => {
  const gauge = (text: string, name: string): number =>
    Number(new RegExp(`^jobhive_${name} (.*)$`, 'm').exec(text)?.[1]);

  it('tell the state of the whole system, from any app', async () => {
    await stores.sql(`UPDATE notices SET next_attempt_at = next_attempt_at - interval '60 s'`);
    await stores.open.queue.pause('test');
    const text = await stores.open.metrics.render();
    await stores.open.queue.resume('test');
    const names = ['queue_depth', 'queue_delayed', 'dead_letters', 'workers_active', 'redis_up', 'postgres_up'];
    expect(names.map((name) => gauge(text, name))).toEqual([2, 1, 1, 1, 1, 1]);
    expect(gauge(text, 'oldest_waiting_seconds')).toBeGreaterThan(0);
    expect([gauge(text, 'notices_pending'), gauge(text, 'queue_paused')]).toEqual([1, 1]);
    expect(gauge(text, 'slots_free')).toBe(2);
    expect(gauge(text, 'backlog_seconds_per_worker')).toBeCloseTo((2 * 1.5) / 3);
  });

  it('tell that Postgres answers also where it takes longer for the figures than a scrape waits', async () => {
    const metrics = createMetrics();
    const repository = { ...stores.open.repository, figures: () => new Promise<never>(() => undefined) };
    keepGauges(metrics, { ...partsOf(stores.open), repository });
    expect(gauge(await metrics.render(), 'postgres_up')).toBe(1);
  });

  it('with a store away say so', async () => {
    const noRedis = stores.another({ REDIS_URL: 'redis://127.0.0.1:1' });
    const text = await waitFor('the gauges', async () => {
      const rendered = await noRedis.metrics.render();
      return gauge(rendered, 'postgres_up') === 1 && rendered;
    });
    expect([gauge(text, 'redis_up'), gauge(text, 'queue_depth')]).toEqual([0, 2]);
    const noPostgres = stores.another({ DATABASE_URL: 'postgres://postgres@127.0.0.1:1/jobhive' });
    await noPostgres.redis.ready(5000);
    const metrics = createMetrics();
    keepGauges(metrics, partsOf(noPostgres));
    const without = await metrics.render();
    expect([gauge(without, 'redis_up'), gauge(without, 'postgres_up')]).toEqual([1, 0]);
    expect(await readStatus(partsOf(stores.open))).toMatchObject({ queue: 'q' });
  });
});
