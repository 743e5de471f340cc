// Hazard 10: an id in line whose data is gone is delivered over and over by the stock library: its worker drops it, `active` keeps it.
import { waitFor } from '@jobhive/test-kit';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acknowledge } from '../../src/delivery/acknowledge.ts';
import { testLoop } from '../loop.ts';
import { stockQueue } from '../stock.ts';
import { holderOf, openStores, type Stores } from '../stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.stop());

describe('hazard 10: an id whose data is gone', () => {
  it('stays in `active` under the stock library, from where a stall check brings it back', async () => {
    const { redis, keys } = stores;
    await redis.client.lpush(keys.waiting, 'ghost');
    const stock = stockQueue(stores, { stallInterval: 1 });
    stock.queue.process(() => Promise.resolve());
    await waitFor('the ghost to be taken', async () => (await stores.active()).includes('ghost'));
    await waitFor('a stall check to find it', async () => (await stock.queue.checkStalledJobs()) > 0);
    await waitFor('the ghost to be taken again', async () => (await stores.active()).includes('ghost'));
    await stock.close();
    await redis.client.del(keys.waiting, keys.active);
  });

  it('is handed on, claimed by nobody, and goes', async () => {
    const { redis, keys, store } = stores;
    const ghost = randomUUID();
    const verdicts: unknown[] = [];
    const loop = testLoop(stores, {
      work: async (jobId) => {
        const [answer] = await stores.open.repository.claim([{ jobId, token: randomUUID() }], holderOf());
        verdicts.push(answer?.verdict);
        await acknowledge(store, keys, [{ jobId, finished: false }], 60);
      },
    });
    await redis.client.lpush(keys.waiting, ghost);
    await loop.start();
    await waitFor('the ghost to be gone', async () => verdicts.length > 0 && (await stores.active()).length === 0);
    expect(verdicts).toEqual(['not_yours']);
    expect(await redis.client.exists(keys.waiting, keys.active, keys.jobs, keys.finished)).toBe(0);
    await loop.stop();
  });
});
