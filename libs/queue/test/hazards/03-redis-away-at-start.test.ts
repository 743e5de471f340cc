// Hazard 3: with Redis down at start the stock `connect()` never settles, and a rejection is unhandled.
import BeeQueue from 'bee-queue';
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { RedisAwayError } from '../../src/errors.ts';
import { openRedis } from '../../src/redis/connect.ts';
import { testLoop } from '../loop.ts';
import { environmentOf, openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
beforeAll(async () => {
  side = await openRedisSide();
  await side.redis.server.stop();
});
afterAll(() => side.stop());

describe('hazard 3: Redis away at start', () => {
  it('the stock connect() is still waiting after its connection has failed', async () => {
    const stock = new BeeQueue('any', { redis: { port: side.redis.port }, autoConnect: false });
    stock.on('error', () => undefined);
    const connect = stock.connect();
    await expect(stock.ready()).rejects.toThrow('ECONNREFUSED');
    expect(await Promise.race([connect, Promise.resolve('still waiting')])).toBe('still waiting');
  });

  it('we say so within the bound, and work as soon as Redis is there', async () => {
    const store = openRedis(environmentOf(side.redis.url).redis, side.log);
    const loop = testLoop({ ...side, store });
    await loop.start();
    const refused = store.ready(100);
    await expect(refused).rejects.toBeInstanceOf(RedisAwayError);
    await expect(refused).rejects.toThrow(`Redis at ${store.where} is away; start it or correct REDIS_URL`);

    await side.redis.server.restart();
    await store.ready(5000);
    await store.client.set(side.keys.whole, '1');
    await deliver(store, side.keys, [{ jobId: 'j1', queueSeq: 1 }]);
    await waitFor('the job', () => loop.given[0] === 'j1');
    await loop.stop();
    await store.close();
  });
});
