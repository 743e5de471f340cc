// Hazard 11: `close(timeout)` leaves an unfinished job in the active list. Ours is given back: at the head, its attempt unspent.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { testLoop } from '../loop.ts';
import { saveStock, stockQueue } from '../stock.ts';
import { openStores, type Stores } from '../stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.stop());

describe('hazard 11: a worker that is closed with a job in hand', () => {
  it('the stock library leaves the job in `active`', async () => {
    const stock = stockQueue(stores);
    let begun = false;
    stock.queue.process(() => {
      begun = true;
      return new Promise(() => undefined);
    });
    await saveStock(stock.queue, 's1');
    await waitFor('the job to be in hand', () => begun);
    await expect(stock.queue.close(20)).rejects.toThrow('timed out');
    expect(await stores.active()).toEqual(['s1']);
    await stores.redis.client.del(stores.keys.active, stores.keys.jobs);
  });

  it('we wait for the handler, and what it gives back stands at the head, its attempt unspent', async () => {
    const { repository } = stores.open;
    const [jobId = '', other = ''] = await stores.queued(2);
    const loop = testLoop(stores, {
      hold: true,
      work: async () => {
        const claim = await stores.claim(jobId);
        const outcome = { kind: 'given_back', reason: 'shutdown' } as const;
        const [settled] = await repository.settle([{ jobId, token: claim.token, outcome }]);
        await deliver(stores.store, stores.keys, [{ jobId, queueSeq: settled?.queueSeq ?? 0 }]);
      },
    });
    await loop.start();
    await waitFor('the job to be in hand', () => loop.given.length === 1);
    const stopped = loop.stop();
    loop.release();
    await stopped;
    expect(await stores.line()).toEqual([jobId, other]);
    expect(await stores.active()).toEqual([]);
    expect(await stores.row(jobId)).toMatchObject({ status: 'queued', attempt: 0 });
  });
});
