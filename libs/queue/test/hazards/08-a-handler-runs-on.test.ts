// Hazard 8: the stock timeout rejects the job, and its handler runs on. What is left of ours is fenced by the claim's token.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stockQueue } from '../stock.ts';
import { holderOf, openStores, stageOf, type Stores } from '../stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.stop());

describe('hazard 8: a handler that runs on', () => {
  it('the stock library fails the job while its handler is still at work', async () => {
    const stock = stockQueue(stores);
    let finish: () => void = () => undefined;
    let state = 'not begun';
    stock.queue.process(async () => {
      state = 'at work';
      await new Promise<void>((resolve) => (finish = resolve));
      state = 'done all the same';
    });
    const failed: string[] = [];
    stock.queue.on('failed', (job) => failed.push(job.id));
    await stock.queue.createJob({}).setId('s1').timeout(20).save();
    await waitFor('the timeout', () => failed.length === 1);
    expect(state).toBe('at work');
    finish();
    await waitFor('the handler to end', () => state === 'done all the same');
    await stock.close();
    await stores.redis.client.del(stores.keys.jobs);
  });

  it('what runs on after its claim has ended writes nothing any more', async () => {
    const { repository } = stores.open;
    const [jobId = ''] = await stores.queued(1);
    const old = await stores.claim(jobId, holderOf({ leaseMs: -1 }));
    await repository.expire([], 3);
    const before = await stores.row(jobId);
    expect(await repository.checkpoint([{ jobId, token: old.token, record: stageOf('match') }])).toEqual(['stale']);
    const outcome = { kind: 'processed', last: undefined } as const;
    expect(await repository.settle([{ jobId, token: old.token, outcome }])).toMatchObject([{ verdict: 'stale' }]);
    expect(await stores.row(jobId)).toEqual(before);
  });
});
