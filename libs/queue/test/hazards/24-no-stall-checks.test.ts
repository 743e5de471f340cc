// Hazard 24: a stall check, also the one at the start of `process()`, moves a dead worker's jobs behind what waits. Ours makes none.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { jobsInOrder, testLoop } from '../loop.ts';
import { stockQueue } from '../stock.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
beforeAll(async () => {
  side = await openRedisSide();
});
afterAll(() => side.stop());

/** Eight jobs, three of them in the hands of a worker that has died, and that an earlier check has noted. */
async function deadWorker(): Promise<void> {
  await side.redis.clean();
  await side.redis.client.set(side.keys.whole, '1');
  await deliver(side.store, side.keys, jobsInOrder(8));
  for (let n = 0; n < 3; n += 1) await side.redis.client.rpoplpush(side.keys.waiting, side.keys.active);
  await side.redis.client.sadd(`bq:${side.queueName}:stalling`, 'j1', 'j2', 'j3');
}

describe('hazard 24: stall checks', () => {
  it('the start of a stock worker puts a dead one’s jobs behind all others', async () => {
    await deadWorker();
    const stock = stockQueue(side);
    await stock.queue.ready();
    await stock.queue.checkStalledJobs();
    expect((await side.line()).slice(0, 5)).toEqual(['j4', 'j5', 'j6', 'j7', 'j8']);
    expect((await side.line()).slice(5).sort()).toEqual(['j1', 'j2', 'j3']);
    await stock.close();
  });

  it('the start of ours, and its jobs, leave them where they are', async () => {
    await deadWorker();
    const loop = testLoop(side);
    await loop.start();
    await waitFor('the line to be empty', async () => (await side.line()).length === 0 && loop.given.length === 5);
    expect(loop.given).toEqual(['j4', 'j5', 'j6', 'j7', 'j8']);
    await waitFor('the acknowledgements', async () => (await side.active()).length === 3);
    expect((await side.active()).sort()).toEqual(['j1', 'j2', 'j3']);
    expect(await side.redis.client.exists(`bq:${side.queueName}:stallBlock`)).toBe(0);
    await loop.stop();
  });
});
