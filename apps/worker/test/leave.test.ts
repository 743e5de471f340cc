import { randomUUID } from 'node:crypto';
import { tcpProxy, waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { leaveRest } from '../src/leave.ts';
import { through, workerBench, type WorkerBench } from './worker-bench.ts';

let bench: WorkerBench;
beforeAll(async () => {
  bench = await workerBench();
});
afterAll(() => bench.close());

/** What a worker behind this address of Redis leaves, with `inHand` claims in its hands; what was told of lost claims. */
async function leave(
  redisUrl: string,
  inHand: number,
  before: (isReady: () => boolean) => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  const parts = bench.parts({ env: { REDIS_URL: redisUrl }, name: randomUUID() });
  const worker = bench.assembledOf(parts);
  for (const jobId of await bench.enqueue(inHand)) {
    const [won] = await bench.open.repository.claim([{ jobId, token: worker.hands.ask() }], worker.holder());
    if (won?.verdict === 'won') worker.hands.hold(won.claim, { beganMs: 0, askedAtMs: 0, trustUntilMs: Infinity });
  }
  await parts.open.redis.ready(5000);
  await before(() => parts.open.redis.isReady);
  const told = bench.log.count('worker.claims_lost');
  await leaveRest(worker, parts.open, parts.log);
  await worker.loop.stop();
  return bench.log.count('worker.claims_lost') - told;
}

test('what is in hand at the end is left in Redis', async () => {
  expect(await leave(bench.redis.url, 2)).toBe(0);
  expect(await bench.redis.client.zcard(bench.open.keys.left)).toBe(2);
});

test('with Redis away too, or silent, the claims are lost, within a bound and told; with nothing in hand there is nothing to tell', async () => {
  const left = await bench.redis.client.zcard(bench.open.keys.left);
  const proxy = await tcpProxy(bench.redis.port);
  const url = through(bench.redis.url, proxy.port);
  const gone = async (isReady: () => boolean): Promise<void> => {
    await proxy.refuse(true);
    proxy.cut();
    await waitFor('Redis to be away', () => !isReady());
  };
  expect(await leave(url, 1, gone)).toBe(1);
  await proxy.heal();
  expect(await leave(url, 0, gone)).toBe(0);
  await proxy.heal();
  const from = performance.now();
  expect(await leave(url, 1, () => Promise.resolve(proxy.blackhole(true)))).toBe(1);
  expect(performance.now() - from).toBeLessThan(5000);
  expect(await bench.redis.client.zcard(bench.open.keys.left)).toBe(left);
  await proxy.close();
});
