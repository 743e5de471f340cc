// Hazard 12: a backoff strategy that the failing worker does not know fails the job for good at once. To Bee-Queue every job of ours
// succeeds; delays are decided in Postgres.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { testLoop } from '../loop.ts';
import { stockQueue } from '../stock.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
beforeAll(async () => {
  side = await openRedisSide();
  await side.redis.client.set(side.keys.whole, '1');
});
afterAll(() => side.stop());

describe('hazard 12: backoff strategies', () => {
  it('the stock library buries a job whose strategy the worker does not know, its retries unspent', async () => {
    const producer = stockQueue(side);
    const strategies = producer.queue.backoffStrategies;
    strategies.set('ours', () => 10);
    const worker = stockQueue(side);
    await producer.queue.createJob({}).setId('s1').retries(3).backoff('ours', 1).save();
    worker.queue.process(() => Promise.reject(new Error('no luck')));
    await waitFor(
      'an end of the job',
      async () => (await side.redis.client.scard(`bq:${side.queueName}:failed`)) || worker.errors.length,
    );
    expect(await side.redis.client.llen(side.keys.waiting)).toBe(0);
    expect(await side.redis.client.zcard(`bq:${side.queueName}:delayed`)).toBe(0);
    await producer.close();
    await worker.close();
    await side.redis.clean();
  });

  it('a handler that fails leaves nothing failed, delayed or succeeded behind, and its entry in our hands', async () => {
    await side.redis.client.set(side.keys.whole, '1');
    const loop = testLoop(side, { work: () => Promise.reject(new Error('no luck')) });
    await loop.start();
    await deliver(side.store, side.keys, [{ jobId: 'j1', queueSeq: 1 }]);
    await waitFor('the failure to be told', () => side.log.all('queue.error', 'job_id').includes('j1'));
    await loop.stop();
    expect((await side.redis.client.keys('*')).sort()).toEqual(
      [side.keys.active, side.keys.jobs, side.keys.whole].sort(),
    );
    expect(await side.active()).toEqual(['j1']);
  });
});
