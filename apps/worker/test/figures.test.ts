import { randomUUID } from 'node:crypto';
import { registerWorker, type StatusDocument } from '@jobhive/queue';
import { tcpProxy, waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFigures, createHeartbeat, type Figures, type Heartbeat } from '../src/figures.ts';
import { createHands } from '../src/hands.ts';
import { through, workerBench, type WorkerBench } from './worker-bench.ts';

const BEAT_MS = 1;
let bench: WorkerBench;
beforeAll(async () => {
  bench = await workerBench();
});
afterAll(() => bench.close());

const figuresOf = (): Figures =>
  createFigures({ hands: createHands(), slots: 2, meanMs: () => undefined, since: new Date(0) });

/** A heart that beats a thousand times a second, through `open`. */
async function heart(
  options: { open?: WorkerBench['open']; figures?: Figures; status?: () => Promise<StatusDocument> } = {},
): Promise<Heartbeat & { name: string }> {
  const { open = bench.open, figures = figuresOf() } = options;
  const name = randomUUID();
  const registration = await registerWorker(open.redis, open.keys, { name, holder: randomUUID() }, figures.report());
  const queue = { status: options.status ?? (() => open.queue.status()) };
  const heartbeat = createHeartbeat({ registration, figures, queue, log: bench.logger, beatMs: BEAT_MS });
  heartbeat.start();
  return { ...heartbeat, name };
}

test('only what ended for good is counted', () => {
  const figures = figuresOf();
  for (const kind of ['processed', 'processed', 'failed', 'retry', 'given_back', 'cancelled'] as const)
    figures.settled(kind);
  expect(figures.report()).toMatchObject({ processed: 2, failed: 1, slots: 2, job_id: null, mean_ms: null });
});

test('the rate is told while jobs end or wait, and not at rest', async () => {
  const figures = figuresOf();
  let asked = 0;
  const status = (): Promise<StatusDocument> => ((asked += 1), bench.open.queue.status());
  const beating = await heart({ figures, status });
  await waitFor('two looks at rest', () => asked > 2);
  expect(bench.log.count('worker.rate')).toBe(0);
  figures.settled('processed');
  await waitFor('a line for what ended', () => bench.log.count('worker.rate') === 1);
  const before = asked;
  await waitFor('two more looks at rest', () => asked > before + 2);
  expect(bench.log.count('worker.rate')).toBe(1);
  await bench.enqueue(1);
  await waitFor('a line for what waits', () => bench.log.count('worker.rate') > 1);
  await beating.stop();
  await bench.open.queue.clear('test');
});

test('a rate that cannot be told stops no heart', async () => {
  let asked = 0;
  const beating = await heart({ status: () => ((asked += 1), Promise.reject(new Error('Postgres is away'))) });
  await waitFor('a second look', () => asked > 1);
  expect(bench.log.has('worker.heartbeat_failed')).toBe(false);
  await beating.stop();
});

test('a name that another process took is told', async () => {
  const beating = await heart();
  const { client } = bench.redis;
  const { workers } = bench.open.keys;
  await client.hset(workers, beating.name, `${randomUUID()} 1 {}`);
  await waitFor('the loss to be told', () => bench.log.has('worker.name_lost'));
  await beating.stop();
  await client.hdel(workers, beating.name);
});

test('a heart that cannot beat says so once for each outage, and goes on', async () => {
  const proxy = await tcpProxy(bench.redis.port);
  const { open } = bench.parts({ env: { REDIS_URL: through(bench.redis.url, proxy.port) } });
  await open.redis.ready(5000);
  let beats = 0;
  const status = (): Promise<StatusDocument> => ((beats += 1), bench.open.queue.status());
  const beating = await heart({ open, status });
  for (const outage of [1, 2]) {
    await proxy.refuse(true);
    proxy.cut();
    await waitFor('the failure', () => bench.log.count('worker.heartbeat_failed') === outage);
    await proxy.heal();
    const from = beats;
    await waitFor('it to beat again', () => beats > from);
  }
  expect(bench.log.count('worker.heartbeat_failed')).toBe(2);
  await beating.stop();
  await proxy.close();
});

test('it ends without having begun, and twice', async () => {
  const figures = figuresOf();
  const registration = { beat: () => Promise.resolve(true), leave: () => Promise.resolve() };
  const heartbeat = createHeartbeat({ registration, figures, queue: bench.open.queue, log: bench.logger });
  await heartbeat.stop();
  heartbeat.start();
  await heartbeat.stop();
});
