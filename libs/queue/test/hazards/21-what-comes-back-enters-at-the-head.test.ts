// Hazard 21: what comes back goes to the end of the stock line, behind the whole backlog. Ours enters at the head, or at its place.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deliver, deliverMissing, putBack } from '../../src/delivery/deliver.ts';
import { jobsInOrder } from '../loop.ts';
import { saveStock, stockQueue } from '../stock.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
beforeAll(async () => {
  side = await openRedisSide();
});
beforeEach(async () => {
  await side.redis.clean();
  await side.redis.client.set(side.keys.whole, '1');
});
afterAll(() => side.stop());

async function take(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await side.redis.client.rpoplpush(side.keys.waiting, side.keys.active);
}

describe('hazard 21: the place of what comes back', () => {
  it('a job that the stock library retries goes behind all that waits', async () => {
    const stock = stockQueue(side);
    await stock.queue.createJob({}).setId('first').retries(1).save();
    for (const id of ['later0', 'later1']) await saveStock(stock.queue, id);
    let attempts = 0;
    stock.queue.process(() => {
      attempts += 1;
      return attempts === 1 ? Promise.reject(new Error('no luck')) : new Promise(() => undefined);
    });
    await waitFor('the second job to be taken', () => attempts === 2);
    expect([...(await side.active()), ...(await side.line())]).toEqual(['later0', 'later1', 'first']);
    await stock.close();
  });

  it('several that were taken enter at the head, in their order', async () => {
    const jobs = jobsInOrder(6);
    await deliver(side.store, side.keys, jobs);
    await take(3);
    expect(await deliver(side.store, side.keys, jobs.slice(0, 3).reverse())).toEqual([3, 2, 1]);
    expect(await side.line()).toEqual(jobs.map((job) => job.jobId));
  });

  it('what was taken and not claimed goes back to where it was', async () => {
    const jobs = jobsInOrder(6);
    await deliver(side.store, side.keys, jobs);
    await take(3);
    await putBack(side.store, side.keys, ['j3', 'j1', 'j2']);
    expect(await side.line()).toEqual(jobs.map((job) => job.jobId));
    expect(await side.active()).toEqual([]);
  });

  it('what never was claimed goes between its neighbours', async () => {
    const jobs = jobsInOrder(50);
    const some = jobs.filter((job) => job.queueSeq % 3 !== 0);
    await deliver(side.store, side.keys, some);
    const rest = jobs.filter((job) => job.queueSeq % 3 === 0);
    const positions = await deliverMissing(side.store, side.keys, rest, true);
    expect(positions).toEqual(rest.map((job) => job.queueSeq));
    expect(await side.line()).toEqual(jobs.map((job) => job.jobId));
  });
});
