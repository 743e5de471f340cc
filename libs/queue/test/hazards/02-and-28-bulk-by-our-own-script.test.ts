// Hazards 2 and 28: with ioredis `checkHealth()` answers pairs and `saveAll()` throws; with its own client `saveAll` saves
// nothing after SCRIPT FLUSH. Bulk and counts go through our own scripts.
import BeeQueue from 'bee-queue';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { peek } from '../../src/delivery/peek.ts';
import { jobsInOrder } from '../loop.ts';
import { stockQueue } from '../stock.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
beforeAll(async () => {
  side = await openRedisSide();
  await side.redis.client.set(side.keys.whole, '1');
});
afterAll(() => side.stop());

/** A client that the stock library takes for one: it goes by the constructor's name. */
function recognised(port: number): Redis {
  const client = new Redis(port);
  Object.defineProperty(client, 'constructor', { value: { name: 'Redis' } });
  return client;
}

describe('hazards 2 and 28: bulk and counts', () => {
  it('the stock library on ioredis counts in pairs and cannot save in bulk', async () => {
    const client = recognised(side.redis.port);
    const stock = new BeeQueue(side.queueName, { redis: client as never, getEvents: false, isWorker: false });
    await stock.ready();
    expect((await stock.checkHealth()).waiting).toEqual([null, 0]);
    await expect(stock.saveAll([stock.createJob({})])).rejects.toThrow('batch');
    client.disconnect();
  });

  it('the stock library on its own client cannot save in bulk after SCRIPT FLUSH', async () => {
    const stock = stockQueue(side);
    await stock.queue.ready();
    await side.redis.client.script('FLUSH');
    const errors = await stock.queue.saveAll([stock.queue.createJob({})]);
    expect([...errors.values()].map((error) => error.message)).toEqual([expect.stringMatching('NOSCRIPT')]);
    await stock.close();
  });

  it('we deliver thousands at once after SCRIPT FLUSH, in order, and count them as numbers', async () => {
    const jobs = jobsInOrder(2500);
    await side.redis.client.script('FLUSH');
    const positions = await deliver(side.store, side.keys, jobs);
    expect(positions).toEqual(jobs.map((job) => job.queueSeq));
    expect(await side.line()).toEqual(jobs.map((job) => job.jobId));
    expect(await peek(side.store, side.keys)).toMatchObject({ whole: true, waiting: 2500, active: 0, entries: 2500 });
  });
});
