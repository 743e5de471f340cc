// Hazard 14: `Job.retry()` does not check: called twice, the job runs twice. A retry of ours is a transition in Postgres.
import { waitFor } from '@jobhive/test-kit';
import { WrongStatusError } from '@jobhive/db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveStock, stockQueue } from '../stock.ts';
import { openStores, type Stores } from '../stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.stop());

describe('hazard 14: a retry asked for twice', () => {
  it('puts a job into the stock line twice', async () => {
    const worker = stockQueue(stores);
    worker.queue.process(() => Promise.reject(new Error('no luck')));
    await saveStock(worker.queue, 's1');
    await waitFor('the failure', () => stores.redis.client.scard(`bq:${stores.queueName}:failed`));
    await worker.close();
    const stock = stockQueue(stores, { isWorker: false });
    const job = (await stock.queue.getJob('s1')) as unknown as { retry(): Promise<void> }; // not in its types
    await job.retry();
    await job.retry();
    expect(await stores.line()).toEqual(['s1', 's1']);
    await stock.close();
    await stores.redis.clean();
  });

  it('moves a job of ours once; the second ask is told that it has not failed', async () => {
    await stores.redis.client.set(stores.keys.whole, '1');
    const jobId = await stores.failed();
    const { queue } = stores.open;
    const both = await Promise.allSettled([
      queue.retry({ jobId }, { by: 'test' }),
      queue.retry({ jobId }, { by: 'test' }),
    ]);
    const retried = both.map((one) => (one.status === 'fulfilled' ? one.value.retried : 0));
    expect(retried.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect(await stores.line()).toEqual([jobId]);
    await expect(queue.retry({ jobId }, { by: 'test' })).rejects.toBeInstanceOf(WrongStatusError);
    expect((await stores.told(jobId)).filter((event) => event === 'retried')).toHaveLength(1);
  });
});
