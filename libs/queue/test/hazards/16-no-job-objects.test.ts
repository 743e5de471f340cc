// Hazard 16: `storeJobs` keeps every job object in the producer's memory. Ours makes none: ids go in by a script.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { jobsInOrder } from '../loop.ts';
import { saveStock, stockQueue } from '../stock.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
beforeAll(async () => {
  side = await openRedisSide();
  await side.redis.client.set(side.keys.whole, '1');
});
afterAll(() => side.stop());

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // the flag above makes it
  collect();
  return process.memoryUsage().heapUsed;
}

describe('hazard 16: job objects in memory', () => {
  it('the stock producer keeps each job it saved', async () => {
    const stock = stockQueue(side);
    for (const jobId of ['a', 'b', 'c']) await saveStock(stock.queue, jobId);
    expect((stock.queue.jobs as Map<string, unknown>).size).toBe(3);
    await stock.close();
  });

  it('50,000 deliveries leave our memory as it was', async () => {
    const round = (n: number): Promise<unknown> => deliver(side.store, side.keys, jobsInOrder(5000, n * 5000));
    await round(0);
    const before = heapBytes();
    for (let n = 1; n <= 10; n += 1) await round(n);
    expect((heapBytes() - before) / 1e6).toBeLessThan(3);
  });
});
