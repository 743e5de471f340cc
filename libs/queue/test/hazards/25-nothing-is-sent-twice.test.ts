// Hazard 25: ioredis sends a command again whose answer was cut off: one RPOPLPUSH took two ids. Ours sends nothing twice.
import { Redis } from 'ioredis';
import { tcpProxy, waitFor, type Proxy } from '@jobhive/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { RedisAwayError } from '../../src/errors.ts';
import { jobsInOrder } from '../loop.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
let proxy: Proxy;
beforeAll(async () => {
  side = await openRedisSide(async (port) => (proxy = await tcpProxy(port)).port);
});
beforeEach(async () => {
  await waitFor('the store to be back', () => side.store.ping()); // a cut hits all connections of the proxy
  await side.redis.clean();
  await side.redis.client.set(side.keys.whole, '1');
  await deliver(side.store, side.keys, jobsInOrder(5));
});
afterAll(async () => {
  await side.stop();
  await proxy.close();
});

/** Takes an id through the proxy, and cuts the connection once the server has done it, before its answer has come. */
async function cutTheAnswer(take: () => Promise<unknown>): Promise<unknown> {
  proxy.delay(200);
  const answer = take().catch((error: unknown) => error);
  await waitFor('the server to have done it', async () => (await side.active()).length === 1, { intervalMs: 1 });
  proxy.cut();
  await proxy.heal();
  return answer;
}

describe('hazard 25: an answer that is cut off', () => {
  it('makes a client with stock options take two ids', async () => {
    const client = new Redis(proxy.port);
    client.on('error', () => undefined);
    await waitFor('the connection', () => client.status === 'ready');
    const answer = await cutTheAnswer(() => client.rpoplpush(side.keys.waiting, side.keys.active));
    expect(answer).toBe('j2');
    expect(await side.active()).toEqual(['j2', 'j1']);
    client.disconnect();
  });

  it('is an error of ours, and one id was taken', async () => {
    const from = performance.now();
    const answer = await cutTheAnswer(() =>
      side.store.run((client) => client.rpoplpush(side.keys.waiting, side.keys.active)),
    );
    expect(answer).toBeInstanceOf(RedisAwayError);
    expect(performance.now() - from).toBeLessThan(1800); // it does not wait for its time-out of 2 s
    await waitFor('the store to be back', () => side.store.ping());
    expect(await side.active()).toEqual(['j1']);
  });

  it('while Redis is away no command is kept for later', async () => {
    await proxy.refuse(true);
    proxy.cut();
    await waitFor('the store to notice', () => !side.store.isReady);
    const answer = side.store.run((client) => client.del(side.keys.waiting)).catch((error: unknown) => error);
    await proxy.refuse(false);
    await waitFor('the store to be back', () => side.store.ping());
    expect(await answer).toBeInstanceOf(RedisAwayError);
    expect(await side.line()).toHaveLength(5);
  });
});
