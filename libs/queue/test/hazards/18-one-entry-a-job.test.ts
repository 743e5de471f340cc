// Hazard 18: an id that exists is not saved, and only a null id says so. One entry a job is what we want: we say so.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { saveStock, stockQueue } from '../stock.ts';
import { openStores, type Stores } from '../stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.stop());

describe('hazard 18: an id that is there already', () => {
  it('the stock library answers it with an id that is null', async () => {
    const stock = stockQueue(stores);
    expect(await saveStock(stock.queue, 'a')).toBe('a');
    expect(await saveStock(stock.queue, 'a')).toBeNull();
    await stock.queue.removeJob('a');
    await stock.close();
  });

  it('we keep one entry a job, at its place, and tell that it stood there', async () => {
    const [first = '', second = ''] = await stores.queued(2);
    const place = Number((await stores.entries())[first]);
    expect(await deliver(stores.store, stores.keys, [{ jobId: first, queueSeq: place }])).toEqual([0]);
    expect(await stores.line()).toEqual([first, second]);
    const again = await stores.open.queue.enqueueJob(first);
    expect(again).toMatchObject({ already_queued: true, dispatched: true, queue_position: null });
    expect(await stores.line()).toEqual([first, second]);
  });
});
