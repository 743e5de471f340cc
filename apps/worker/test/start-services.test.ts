import { sleep } from '@jobhive/config';
import { tcpProxy, waitFor, type Proxy } from '@jobhive/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilThere, waitForServices } from '../src/start-services.ts';
import { runWorker } from '../src/worker.ts';
import { nothing, through, workerBench, type WorkerBench } from './worker-bench.ts';

let bench: WorkerBench;
let redisProxy: Proxy;
let postgresProxy: Proxy;
beforeAll(async () => {
  bench = await workerBench();
  redisProxy = await tcpProxy(bench.redis.port);
  postgresProxy = await tcpProxy(Number(new URL(bench.database.url).port));
});
afterAll(async () => {
  await bench.close();
  await redisProxy.close();
  await postgresProxy.close();
});

const never = new AbortController().signal;
const patience = (patient: boolean) => ({ patient, log: bench.logger });

/** A worker's parts behind the proxies. */
function parts(options: Parameters<WorkerBench['parts']>[0] = {}): ReturnType<WorkerBench['parts']> {
  return bench.parts({
    ...options,
    env: {
      REDIS_URL: through(bench.redis.url, redisProxy.port),
      DATABASE_URL: through(bench.database.url, postgresProxy.port),
    },
  });
}

/** Redis goes for this worker, and it has noticed. */
async function cutRedis(worker: ReturnType<typeof parts>): Promise<void> {
  await worker.open.redis.ready(5000);
  await redisProxy.refuse(true);
  redisProxy.cut();
  await waitFor('the connection to be lost', () => !worker.open.redis.isReady);
}

test('a worker whose services stand begins at once', async () => {
  const told = bench.log.count('service.awaited');
  expect(await waitForServices(parts().open, patience(true), never)).toBe(true);
  expect(bench.log.count('service.awaited')).toBe(told);
});

test('a worker says at its start that Redis may drop jobs', async () => {
  await waitForServices(parts().open, patience(true), never);
  expect(bench.log.has('redis.may_evict')).toBe(false);
  await bench.redis.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
  await waitForServices(parts().open, patience(true), never);
  expect(bench.log.count('redis.may_evict')).toBe(1);
  await bench.redis.client.config('SET', 'maxmemory-policy', 'noeviction');
});

test('a patient worker waits for Postgres, says so once, and begins when it is there', async () => {
  const told = bench.log.count('service.awaited');
  await postgresProxy.refuse(true);
  let asked = 0;
  const { open } = parts();
  const query: typeof open.database.query = (...question) => {
    asked += 1;
    return open.database.query(...question);
  };
  const database = { ...open.database, query };
  const waiting = waitForServices({ ...open, database }, patience(true), never);
  await waitFor('a second try', () => asked > 1, { timeoutMs: 25_000 });
  await postgresProxy.heal();
  expect(await waiting).toBe(true);
  expect(bench.log.count('service.awaited')).toBe(told + 1);
});

test('a worker that is stopped while it waits begins nothing', async () => {
  await postgresProxy.refuse(true);
  const shutdown = new AbortController();
  const told = bench.log.count('service.awaited');
  const waiting = waitForServices(parts().open, patience(true), shutdown.signal);
  await waitFor('it to wait', () => bench.log.count('service.awaited') > told, { timeoutMs: 15_000 });
  shutdown.abort();
  expect(await waiting).toBe(false);
  expect(await waitForServices(parts().open, patience(true), shutdown.signal)).toBe(false);
  await postgresProxy.heal();
});

test('a burst does not wait: it ends with what is away', async () => {
  await postgresProxy.refuse(true);
  await expect(waitForServices(parts().open, patience(false), never)).rejects.toMatchObject({ code: 'postgres_away' });
  await postgresProxy.heal();
});

test('what waiting cannot mend is told at once, also to the patient', async () => {
  const unmigrated = new URL(bench.database.url);
  unmigrated.pathname = '/postgres';
  const { open } = bench.parts({ env: { DATABASE_URL: unmigrated.href } });
  await expect(waitForServices(open, patience(true), never)).rejects.toThrow(/migrate/);
  await expect(untilThere(() => Promise.reject(new Error('ours')), patience(true), never)).rejects.toThrow('ours');
  const mistake: unknown = 'no error at all';
  await expect(untilThere(() => Promise.reject(mistake as Error), patience(true), never)).rejects.toBe(mistake);
});

test('an ask that ends by the signal itself is no failure', async () => {
  const shutdown = new AbortController();
  const asking = untilThere(() => sleep(60_000, shutdown.signal), patience(true), shutdown.signal);
  shutdown.abort(new Error('SIGTERM'));
  expect(await asking).toBeUndefined();
});

// A Redis that went between the wait for the services and the taking of the name had ended a patient worker with exit 1.
test('Redis goes in the moment of registering: a patient worker waits for it, and works', async () => {
  const worker = parts({ stage: () => nothing });
  await cutRedis(worker);
  const told = bench.log.count('service.awaited');
  const shutdown = new AbortController();
  const ended = runWorker(worker, shutdown.signal);
  ended.catch(() => undefined); // seen below
  await waitFor('it to wait', () => bench.log.count('service.awaited') > told);
  await redisProxy.heal();
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processed');
  shutdown.abort();
  await ended;
});

test('… a burst ends with it, and a worker that is stopped meanwhile ends in order', async () => {
  const burst = parts({ burst: true });
  await cutRedis(burst);
  await expect(runWorker(burst, never)).rejects.toMatchObject({ code: 'redis_away' });
  const shutdown = new AbortController();
  const started = bench.log.count('worker.started');
  const told = bench.log.count('service.awaited');
  const ended = runWorker(parts(), shutdown.signal);
  await waitFor('it to wait', () => bench.log.count('service.awaited') > told);
  shutdown.abort();
  await ended;
  expect(bench.log.count('worker.started')).toBe(started);
  await redisProxy.heal();
});
