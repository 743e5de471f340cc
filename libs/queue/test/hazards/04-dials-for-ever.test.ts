// Hazard 4: node_redis gives up after an hour, and Bee-Queue's delay after a failed take doubles without a limit.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { dialOptions } from '../../src/redis/connect.ts';
import { testLoop } from '../loop.ts';
import { stockQueue } from '../stock.ts';
import { environmentOf, openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
beforeAll(async () => {
  side = await openRedisSide();
});
afterAll(() => side.stop());

describe('hazard 4: a client that gives up', () => {
  it('the stock client stops dialling after an hour', async () => {
    const stock = stockQueue(side);
    await stock.queue.ready();
    expect((stock.queue as unknown as { client: object }).client).toMatchObject({ connect_timeout: 3_600_000 }); // not in its types
    await stock.close();
  });

  it('we dial for ever, at most every two seconds', () => {
    const { retryStrategy } = dialOptions(environmentOf(side.redis.url).redis);
    const delays = [1, 2, 3, 10, 100, 10_000, 1_000_000].map((times) => retryStrategy?.(times));
    expect(delays).toEqual([100, 200, 400, 2000, 2000, 2000, 2000]);
  });

  it('after an outage jobs are taken again, by a loop that was waiting when Redis went', async () => {
    const loop = testLoop(side);
    await loop.start();
    await side.redis.server.stop();
    await waitFor('the store to notice', () => !side.store.isReady);
    await side.redis.server.restart();
    await side.store.ready(10_000);
    await side.redis.client.set(side.keys.whole, '1');
    await deliver(side.store, side.keys, [{ jobId: 'j1', queueSeq: 1 }]);
    await waitFor('the job', () => loop.given[0] === 'j1');
    expect(side.log.told.map((one) => one.event)).toEqual(['redis.away', 'redis.back']);
    await loop.stop();
  });
});
