/** Contract, "Metrics", health routes, logs, and law 8: ids and figures only, in Redis, logs and metrics. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, tcpProxy, type Proxy, type StartedProgram } from '@jobhive/test-kit';
import { logRecords } from '../src/log-records.ts';
import { POSTING_WORD, postings } from '../src/postings.ts';
import { startSystem, type System } from '../src/system.ts';

const NAMES = [
  'queue_depth',
  'queue_delayed',
  'oldest_waiting_seconds',
  'jobs_total',
  'attempts_total',
  'attempt_duration_seconds',
  'stage_duration_seconds',
  'enqueue_duration_seconds',
  'pickup_latency_seconds',
  'workers_active',
  'dead_letters',
  'stale_claims_total',
  'reconciled_total',
  'redis_up',
  'postgres_up',
  'polls_total',
  'postings_total',
];

let system: System;
let proxy: Proxy;
let worker: StartedProgram;
let port: number;

beforeAll(async () => {
  system = await startSystem();
  proxy = await tcpProxy(system.redis.port);
  port = await freePort();
  worker = await system.worker('metered', [], {
    OPS_PORT: String(port),
    REDIS_URL: `redis://127.0.0.1:${String(proxy.port)}`,
    LOG_LEVEL: 'debug',
  });
});
afterAll(async () => {
  await system.stop();
  await proxy.close();
});

const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${String(port)}${path}`);
const metrics = async (): Promise<string> => (await get('/metrics')).text();

test('all metrics are there from the start, with 0', async () => {
  const text = await metrics();
  for (const name of NAMES) expect(text).toMatch(new RegExp(`^# TYPE jobhive_${name} (counter|gauge|histogram)$`, 'm'));
  for (const status of ['queued', 'processed', 'failed'])
    expect(text).toContain(`jobhive_jobs_total{status="${status}"} 0`);
  for (const outcome of ['processed', 'retried', 'failed', 'given_back', 'cancelled', 'stale'])
    expect(text).toContain(`jobhive_attempts_total{outcome="${outcome}"} 0`);
});

test('metrics follow the work: counters of this process, gauges of the whole system', async () => {
  await system.discover(postings(3));
  await system.monitor('enqueue', '--discovered');
  await system.record.untilStatus(await system.record.jobIds(), 'processed');
  await expect.poll(metrics, { timeout: 20_000 }).toContain('jobhive_attempts_total{outcome="processed"} 3');
  const text = await metrics();
  expect(text).toContain('jobhive_jobs_total{status="processed"} 3');
  expect(text).toMatch(/^jobhive_attempt_duration_seconds_count 3$/m);
  expect(text).toMatch(/^jobhive_stage_duration_seconds_count\{stage="\w+"\} 3$/m);
  expect(text).toMatch(/^jobhive_pickup_latency_seconds_count 3$/m);
  await expect.poll(metrics, { timeout: 20_000 }).toMatch(/^jobhive_workers_active 1$/m);
  expect(text).not.toContain(POSTING_WORD);
});

test('healthy and ready; not ready while Redis is away, ready again when it is back, and working', async () => {
  expect((await get('/healthz')).status).toBe(200);
  expect((await get('/readyz')).status).toBe(200);
  expect((await get('/nothing')).status).toBe(404);
  await proxy.refuse(true);
  proxy.cut();
  await expect.poll(async () => (await get('/readyz')).status, { timeout: 20_000 }).toBe(503);
  expect((await get('/healthz')).status).toBe(200);
  await expect.poll(metrics, { timeout: 20_000 }).toMatch(/^jobhive_redis_up 0$/m);
  await proxy.heal();
  await expect.poll(async () => (await get('/readyz')).status, { timeout: 20_000 }).toBe(200);
  const ids = await system.discover(postings(4));
  await system.monitor('enqueue', '--discovered');
  await system.record.untilStatus(ids, 'processed');
});

test('the log is JSON on stderr, a record a line, without a word of a posting, also at level debug', async () => {
  expect(await worker.stop()).toEqual({ code: 0, signal: null });
  const records = logRecords(worker.stderr());
  expect(records.length).toBeGreaterThan(20);
  for (const record of records) {
    expect(record).toMatchObject({
      level: expect.stringMatching(/^(error|warn|info|debug)$/) as unknown,
      message: expect.any(String) as unknown,
    });
    expect(new Date(record.timestamp).toISOString()).toBe(record.timestamp);
  }
  const settled = records.filter(({ message }) => message === 'processed');
  expect(settled).toHaveLength(4);
  for (const record of settled)
    expect(record).toMatchObject({ worker: 'metered', attempt: 1, job_id: expect.any(String) as unknown });
  expect(worker.stdout()).toBe('');
  expect(worker.stderr()).not.toContain(POSTING_WORD);
  expect(worker.stderr()).not.toContain(new URL(system.database.url).password);
});

test('Redis holds no word of a posting', async () => {
  const { client } = system.redis;
  const found: string[] = [];
  for (const key of await client.keys('*')) {
    const type = await client.type(key);
    if (type === 'hash') found.push(JSON.stringify(await client.hgetall(key)));
    else if (type === 'list') found.push(...(await client.lrange(key, 0, -1)));
    else if (type === 'zset') found.push(...(await client.zrange(key, '0', '-1')));
    else if (type === 'string') found.push((await client.get(key)) ?? '');
    found.push(key);
  }
  expect(found.length).toBeGreaterThan(2);
  expect(found.join('\n')).not.toContain(POSTING_WORD);
});
