// Hazard 27: `close(1000)` with Redis away and one command waiting had not settled after 6 s. We disconnect; QUIT is never awaited.
import { tcpProxy, waitFor, type Proxy } from '@jobhive/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testLoop } from '../loop.ts';
import { openRedis } from '../../src/redis/connect.ts';
import { environmentOf, openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
let proxy: Proxy;
beforeAll(async () => {
  side = await openRedisSide(async (port) => (proxy = await tcpProxy(port)).port);
});
beforeEach(() => proxy.heal());
afterAll(async () => {
  await side.stop();
  await proxy.close();
});

describe('hazard 27: an end while Redis is away', () => {
  it.each([
    ['refuses and cuts', () => proxy.refuse(true).then(() => proxy.cut())],
    ['swallows all bytes', () => Promise.resolve(proxy.blackhole(true))],
  ])('a loop and a store stop before a command would time out where the network %s', async (_how, fault) => {
    const store = openRedis(environmentOf(`redis://127.0.0.1:${String(proxy.port)}`).redis, side.log);
    await store.ready(5000);
    const loop = testLoop({ ...side, store });
    await loop.start();
    const waits = async (): Promise<boolean> => /cmd=brpoplpush/.test(String(await side.redis.client.client('LIST')));
    await waitFor('the loop to wait for a job', waits);
    await fault();
    const waiting = store.ping().catch(() => 'given up');
    const from = performance.now();
    await loop.stop();
    await store.close();
    expect(performance.now() - from).toBeLessThan(1800); // no command waits for its time-out of 2 s
    expect(await waiting).toBe('given up');
  });

  it('stopping twice, and a loop that never started, do no harm', async () => {
    const loop = testLoop(side);
    await loop.stop();
    await loop.stop();
  });
});
