// Hazard 17: a handler that rejects with nothing counts as a success to the stock library.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { jobsInOrder, testLoop } from '../loop.ts';
import { saveStock, stockQueue } from '../stock.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
beforeAll(async () => {
  side = await openRedisSide();
});
afterAll(() => side.stop());

// eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever user code may throw is what this is about
const rejectWith = (what: unknown): Promise<void> => Promise.reject(what);

describe('hazard 17: a rejection without an error', () => {
  it('is a success to the stock library', async () => {
    const stock = stockQueue(side);
    const succeeded: string[] = [];
    stock.queue.on('succeeded', (job) => succeeded.push(job.id));
    stock.queue.process(() => rejectWith(undefined));
    await saveStock(stock.queue, 's1');
    await waitFor('the verdict', () => succeeded.length > 0);
    await stock.close();
    await side.redis.clean();
  });

  it('is told as an error of the handler, whatever it is, and the slot is free again', async () => {
    const thrown: unknown[] = [undefined, null, 'a text', new Error('an error'), 0];
    const loop = testLoop(side, { work: (jobId) => rejectWith(thrown[Number(jobId.slice(1)) - 1]) });
    await side.redis.client.set(side.keys.whole, '1');
    await deliver(side.store, side.keys, jobsInOrder(5));
    await loop.start();
    await waitFor('all five', () => side.log.all('queue.error', 'job_id').length === 5);
    expect(side.log.all('queue.error', 'job_id')).toEqual(['j1', 'j2', 'j3', 'j4', 'j5']);
    await loop.stop();
  });
});
