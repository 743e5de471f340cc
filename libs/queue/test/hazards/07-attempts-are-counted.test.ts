// Hazard 7: a stalled job is queued again without limit and never spends a retry. Attempts are counted in Postgres, so that a job
// which kills its workers comes to an end.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { stockQueue } from '../stock.ts';
import { holderOf, openStores, type Stores } from '../stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.stop());

describe('hazard 7: work that is lost again and again', () => {
  it('the stock library queues a stalled job again and spends none of its retries', async () => {
    const stock = stockQueue(stores, { stallInterval: 1 });
    await stock.queue.createJob({}).setId('s1').retries(1).save();
    for (let times = 0; times < 5; times += 1) {
      await stores.redis.client.rpoplpush(stores.keys.waiting, stores.keys.active); // taken by one that dies
      await waitFor('a stall check to queue it again', async () => (await stock.queue.checkStalledJobs()) === 1);
    }
    const job = await stock.queue.getJob('s1');
    expect((job.options as { retries: number }).retries).toBe(1);
    await stock.queue.removeJob('s1');
    await stock.close();
  });

  it('a job whose leases run out ends after its attempts, each on record', async () => {
    const { repository } = stores.open;
    const [jobId = ''] = await stores.queued(1);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await stores.redis.client.rpoplpush(stores.keys.waiting, stores.keys.active);
      const claim = await stores.claim(jobId, holderOf({ leaseMs: -1 }));
      expect(claim.attempt).toBe(attempt);
      const expired = await repository.expire([], 2);
      expect(expired).toMatchObject([{ jobId, status: attempt < 3 ? 'queued' : 'failed', spent: true }]);
      const again = expired.filter((one) => one.status === 'queued');
      expect(await deliver(stores.store, stores.keys, again)).toEqual(again.map(() => 1));
    }
    expect(await stores.row(jobId)).toMatchObject({
      status: 'failed',
      attempt: 3,
      error_info: { reason: 'worker lost' },
    });
  });
});
