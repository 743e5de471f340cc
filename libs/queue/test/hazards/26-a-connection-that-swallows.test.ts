// Hazard 26: BRPOPLPUSH with timeout 0 behind a connection that swallows bytes never answers and never fails. Our blocking call waits 5 s
// at most, its connection is destroyed at 7 s; every other command has a bound of 2 s.
import { tcpProxy, waitFor, type Proxy } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { RedisAwayError } from '../../src/errors.ts';
import { testLoop } from '../loop.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
let proxy: Proxy;
beforeAll(async () => {
  side = await openRedisSide(async (port) => (proxy = await tcpProxy(port)).port);
});
afterAll(async () => {
  await side.stop();
  await proxy.close();
});

describe('hazard 26: a connection that swallows what it carries', () => {
  it('is given up, and taking goes on', async () => {
    const loop = testLoop(side);
    await loop.start();
    const blocked = async (): Promise<boolean> => /cmd=brpoplpush/.test(String(await side.redis.client.client('LIST')));
    await waitFor('the loop to wait for a job', blocked);
    proxy.blackhole(true);
    const from = performance.now();
    await side.redis.client.lpush(side.keys.waiting, 'lost'); // its answer is swallowed; the reconciler would find it
    await waitFor('the server to have given it out', async () => (await side.active()).length === 1);

    await expect(side.store.ping()).rejects.toBeInstanceOf(RedisAwayError);
    expect(performance.now() - from).toBeLessThan(4000);

    proxy.blackhole(false); // connections that lost bytes stay as they are; new ones go through
    await waitFor('the store to be back', () => side.store.ping());
    await side.redis.client.set(side.keys.whole, '1');
    await deliver(side.store, side.keys, [{ jobId: 'j1', queueSeq: 1 }]);
    await waitFor('a job to be taken', () => loop.given.length > 0, { timeoutMs: 15_000 });
    expect(loop.given).toEqual(['j1']);
    expect(performance.now() - from).toBeLessThan(14_000);
    await loop.stop();
  });
});
