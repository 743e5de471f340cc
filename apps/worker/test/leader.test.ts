// A worker that was cut off from Redis alone went on leading: nobody compared the stores, producers left an emptied Redis to
// it, and what was enqueued waited until that worker was restarted.
import { tcpProxy, waitFor, type Proxy } from '@jobhive/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { through, workerBench, type WorkerBench } from './worker-bench.ts';

let bench: WorkerBench;
let proxy: Proxy;
beforeEach(async () => {
  bench = await workerBench();
  proxy = await tcpProxy(bench.redis.port);
});
afterEach(async () => {
  await proxy.close();
  await bench.close();
});

const rows = async (text: string): Promise<number> => (await bench.database.client.query(text)).rows.length;
const told = (event: string) => () => rows(`SELECT FROM system_events WHERE event = '${event}'`);

test('a leader that loses Redis hands over: an emptied Redis is filled again, and jobs go on', async () => {
  const cutOff = bench.run({ name: 'cut-off', env: { REDIS_URL: through(bench.redis.url, proxy.port) } });
  await waitFor('it leads', () => rows('SELECT FROM leases'));
  const other = bench.run({ name: 'other' });
  await waitFor('the other to work', () => bench.log.count('worker.started') === 2);
  await proxy.refuse(true);
  proxy.cut();
  await bench.redis.clean();
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processed', 10_000);
  const claim = (await bench.open.repository.timeline(id)).find(({ event }) => event === 'claimed');
  expect(claim?.worker_name).toBe('other');
  await Promise.all([cutOff.stop(), other.stop()]);
});

test('with Redis away for everybody one stands in: the outage and its end are on record, once', async () => {
  const workers = [bench.run(), bench.run()];
  await waitFor('both to work', () => bench.log.count('worker.started') === 2);
  await waitFor('one leads', () => rows('SELECT FROM leases'));
  await bench.redis.server.kill();
  await waitFor('its beginning to be told', told('redis_away'));
  await waitFor('the lease to be left alone', () => rows('SELECT FROM leases WHERE until < clock_timestamp()'));
  await bench.redis.server.restart();
  await waitFor('its end to be told', told('redis_back'));
  expect(await told('redis_away')()).toBe(1);
  await Promise.all(workers.map((worker) => worker.stop()));
});

// Two looks a tick apart were a few milliseconds less than a second apart, half of the time: a third decided, after three seconds.
test('what a dead worker had taken and not claimed stands in line again within two seconds, whenever it was taken', async () => {
  const { client } = bench.redis;
  const { keys } = bench.open;
  const worker = bench.run();
  await waitFor('it leads', () => rows('SELECT FROM leases'));
  await bench.open.queue.pause('test');
  const [id = ''] = await bench.enqueue(1);
  const tookMs: number[] = [];
  for (let n = 0; n < 6; n += 1) {
    await client.rpoplpush(keys.waiting, keys.active);
    const fromMs = performance.now();
    await waitFor('it to be in line', async () => (await client.lrange(keys.waiting, 0, -1)).includes(id), {
      intervalMs: 5,
    });
    tookMs.push(performance.now() - fromMs);
  }
  expect(Math.max(...tookMs), tookMs.join(' ')).toBeLessThan(2000);
  await worker.stop();
});
