// Our keys stay exactly as the stock library writes them: an unmodified Bee-Queue reads our queue, and we take what it saves.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { jobsInOrder, testLoop } from '../loop.ts';
import { saveStock, stockQueue, type Stock } from '../stock.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
let stock: Stock;
beforeAll(async () => {
  side = await openRedisSide();
  stock = stockQueue(side);
  await side.redis.client.set(side.keys.whole, '1');
  await deliver(side.store, side.keys, jobsInOrder(5));
  await side.redis.client.rpoplpush(side.keys.waiting, side.keys.active);
});
afterAll(async () => {
  await stock.close();
  await side.stop();
});

describe('an unmodified Bee-Queue beside ours', () => {
  it('counts what is in our queue', async () => {
    expect(await stock.queue.checkHealth()).toMatchObject({
      waiting: 4,
      active: 1,
      succeeded: 0,
      failed: 0,
      delayed: 0,
    });
  });

  it('lists our jobs, waiting and active, under their ids', async () => {
    const waiting = await stock.queue.getJobs('waiting', { start: 0, end: 100 });
    expect(waiting.map((job) => job.id)).toEqual(['j5', 'j4', 'j3', 'j2']);
    const active = await stock.queue.getJobs('active', { start: 0, end: 100 });
    expect(active.map((job) => job.id)).toEqual(['j1']);
  });

  it('finds a job by its id, and knows no other', async () => {
    expect((await stock.queue.getJob('j3')).id).toBe('j3');
    expect(await stock.queue.getJob('nobody')).toBeNull();
  });

  it('saves a job under an id, and our loop takes it in its turn', async () => {
    await saveStock(stock.queue, 'saved-by-stock');
    const loop = testLoop(side);
    await loop.start();
    await waitFor('all jobs', () => loop.given.length === 5);
    expect(loop.given).toEqual(['j2', 'j3', 'j4', 'j5', 'saved-by-stock']);
    await waitFor('the acknowledgement', async () => !('saved-by-stock' in (await side.entries())));
    await loop.stop();
    expect(stock.errors).toEqual([]);
  });

  it('what it saved can be put back: at the head, since nobody knows its place', async () => {
    await saveStock(stock.queue, 'again');
    await deliver(side.store, side.keys, [{ jobId: 'j9', queueSeq: 9 }]);
    await side.redis.client.rpoplpush(side.keys.waiting, side.keys.active);
    const { putBack } = await import('../../src/delivery/deliver.ts');
    await putBack(side.store, side.keys, ['again']);
    expect(await side.line()).toEqual(['again', 'j9']);
  });
});
