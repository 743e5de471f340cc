import { sleep, withDeadline } from '@jobhive/config';
import { tcpProxy, waitFor, type Proxy } from '@jobhive/test-kit';
import { afterEach, expect, test } from 'vitest';
import { failureOfAbort } from '../src/threads/stage-failure.ts';
import { nothing, through, workerBench, type WorkerBench } from './worker-bench.ts';

let bench: WorkerBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

test('Postgres away in mid-stage: nothing is taken, the work goes on, and is settled when it is back; no attempt is spent', async () => {
  bench = await workerBench();
  const proxy = await tcpProxy(Number(new URL(bench.database.url).port));
  let finish: (() => void) | undefined;
  const worker = bench.run({
    env: { DATABASE_URL: through(bench.database.url, proxy.port) },
    stage: async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      return nothing;
    },
  });
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processing');
  await proxy.refuse(true);
  proxy.cut();
  await waitFor('the tick has failed', () => bench?.log.has('worker.tick_failed'));
  finish?.();
  await waitFor('the settle is asked again', () => bench?.log.has('job.write_repeated'));
  await proxy.heal();
  await bench.until(id, 'processed');
  expect((await bench.open.repository.findJob(id))?.row.attempt).toBe(1);
  await worker.stop();
  await proxy.close();
});

test.each([
  ['refuses for 4 s', 4000, async (proxy: Proxy) => proxy.refuse(true).then(() => proxy.cut())],
  ['hangs for 9 s', 9000, (proxy: Proxy) => proxy.blackhole(true)],
] as const)('Postgres %s: new jobs are taken within 5 s when it is back', async (_what, forMs, fault) => {
  bench = await workerBench();
  const proxy = await tcpProxy(Number(new URL(bench.database.url).port));
  const worker = bench.run({ env: { DATABASE_URL: through(bench.database.url, proxy.port) } });
  const [before = ''] = await bench.enqueue(1);
  await bench.until(before, 'processed');
  await fault(proxy);
  await sleep(forMs); // the length of the fault
  await waitFor('the worker to notice', () => bench?.log.has('worker.tick_failed'), { timeoutMs: 10_000 });
  await proxy.heal();
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processed', 5000);
  await worker.stop();
  await proxy.close();
});

test('Postgres away at shutdown: what could not be given back is left in Redis, and its expiry spends nothing', async () => {
  bench = await workerBench({ SHUTDOWN_GRACE: '0', WORKER_LEASE: '4' });
  const proxy = await tcpProxy(Number(new URL(bench.database.url).port));
  const worker = bench.run({
    env: { DATABASE_URL: through(bench.database.url, proxy.port) },
    stage: (task) =>
      new Promise((_, reject) => {
        task.signal.addEventListener('abort', () => {
          reject(failureOfAbort(task.stage));
        });
      }),
  });
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processing');
  await proxy.refuse(true);
  proxy.cut();
  await withDeadline(worker.stop(), 5500, 'the stop');
  expect(await bench.redis.client.zcard(bench.open.keys.left)).toBe(1);
  const next = bench.run();
  await bench.until(id, 'processed', 20_000);
  expect((await bench.open.repository.findJob(id))?.row.attempt).toBe(1);
  expect(await bench.events(id)).not.toContain('worker_lost');
  await next.stop();
  await proxy.close();
});

// A worker that had just started ticked first, and so hid the outage from those that were cut off: their work was spent.
test('a newcomer in an outage spends nothing of those who hang in it, also where the outage outlasts their leases', async () => {
  bench = await workerBench({ WORKER_LEASE: '3' });
  const database = bench.database.client;
  const is = (condition: string) => async (): Promise<boolean> =>
    (await database.query<{ holds: boolean }>(`SELECT (${condition}) AS holds`)).rows[0]?.holds === true;
  const proxy = await tcpProxy(Number(new URL(bench.database.url).port));
  let runs = 0;
  const cutOff = bench.run({
    env: { DATABASE_URL: through(bench.database.url, proxy.port) },
    stage: (task) => {
      runs += 1;
      if (runs > 1) return nothing;
      return new Promise((_, reject) => {
        task.signal.addEventListener('abort', () => {
          reject(failureOfAbort(task.stage));
        });
      });
    },
  });
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processing');
  proxy.blackhole(true);
  await waitFor('the outage', is(`SELECT last_tick < clock_timestamp() - interval '3 s' FROM queue_state`));
  const newcomer = bench.run({ name: 'newcomer' });
  await waitFor(
    'the newcomer to be there for longer than a lease',
    is(`SELECT EXISTS (SELECT FROM system_events WHERE event = 'worker_started' AND detail->>'worker' = 'newcomer'
      AND at < clock_timestamp() - interval '4 s')`),
  );
  await proxy.heal();
  await bench.until(id, 'processed');
  expect((await bench.open.repository.findJob(id))?.row.attempt).toBe(1);
  expect(await bench.events(id)).not.toContain('worker_lost');
  await Promise.all([cutOff.stop(), newcomer.stop()]);
  await proxy.close();
});

test('a lost worker is found by its session lock, and its job goes on elsewhere with the attempt spent', async () => {
  bench = await workerBench({ WORKER_LEASE: '6' }); // the server has to be older than that
  const [id = ''] = await bench.enqueue(1);
  const dead = { id: 'a0000000-0000-4000-8000-000000000000', sessionKey: 17n, workerName: 'dead', leaseMs: 600_000 };
  await bench.redis.client.rpoplpush(bench.open.keys.waiting, bench.open.keys.active);
  await bench.open.repository.claim([{ jobId: id, token: 'b0000000-0000-4000-8000-000000000000' }], dead);
  const worker = bench.run();
  await bench.until(id, 'processed', 15_000);
  const record = await bench.open.repository.findJob(id);
  expect(record?.row.attempt).toBe(2);
  expect(await bench.events(id)).toEqual(expect.arrayContaining(['worker_lost', 'processed']));
  await worker.stop();
});

test('a claim whose answer was lost is an orphan: it is given back, and no attempt is spent', async () => {
  bench = await workerBench();
  const worker = bench.assembled();
  const [id = ''] = await bench.enqueue(1);
  await bench.open.repository.claim([{ jobId: id, token: 'b0000000-0000-4000-8000-000000000000' }], worker.holder());
  worker.tick.start();
  await bench.until(id, 'queued', 5000);
  expect((await bench.open.repository.findJob(id))?.row.attempt).toBe(0);
  await worker.tick.stop();
  await worker.loop.stop();
});

test('Redis away: the worker lives on, and takes jobs when it is back', async () => {
  bench = await workerBench();
  const worker = bench.run();
  const [first = ''] = await bench.enqueue(1);
  await bench.until(first, 'processed');
  await bench.redis.server.kill();
  const made = await bench.open.repository.discover({
    source: 'test',
    postings: [{ external_id: 'while-away', title: 'T', company: 'C' }],
    autoEnqueue: false,
  });
  const id = made[0]?.jobId ?? '';
  expect((await bench.open.queue.enqueueJob(id)).dispatched).toBe(false);
  await bench.redis.server.restart();
  await bench.until(id, 'processed', 20_000);
  await worker.stop();
});

test('a second worker of a living name is refused, with its name', async () => {
  bench = await workerBench();
  const worker = bench.run({ name: 'twin' });
  await waitFor('it is registered', () => bench?.log.has('worker.started'));
  await expect(bench.run({ name: 'twin' }).ended).rejects.toThrow(/twin/);
  await worker.stop();
});

test('a burst ends when nothing waits, leaves what is delayed, and ends at once while the queue is paused', async () => {
  bench = await workerBench({ RQ_RETRY_DELAYS: '3600' });
  const ids = await bench.enqueue(3);
  let failed = false;
  await bench.run({
    burst: true,
    stage: () => {
      if (failed) return nothing;
      failed = true;
      throw new Error('once');
    },
  }).ended;
  const statuses: (string | undefined)[] = [];
  for (const id of ids) statuses.push(await bench.status(id));
  expect(statuses).toEqual(['queued', 'processed', 'processed']);
  await bench.open.queue.pause('test');
  await bench.enqueue(1);
  await bench.run({ burst: true }).ended;
  expect((await bench.open.queue.status()).depth).toBe(1);
});
