// Hazard 13: the stock delayed set may be silent for minutes, and brings equal times back in lexicographic order, behind the
// backlog. A due retry of ours stands at the head within a second, pushed by any worker's tick.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stockQueue } from '../stock.ts';
import { errorOf, holderOf, openStores, type Stores } from '../stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.stop());

describe('hazard 13: a retry whose time has come', () => {
  it('the stock library brings equal times back by the alphabet, behind what waits', async () => {
    const stock = stockQueue(stores, { activateDelayedJobs: true, delayedDebounce: 1 });
    await stock.queue.createJob({}).setId('backlog').save();
    const at = Date.now() + 100;
    for (const id of ['second', 'first']) await stock.queue.createJob({}).setId(id).delayUntil(at).save();
    stock.queue.process(() => new Promise(() => undefined));
    await waitFor('both to be raised', async () => (await stores.line()).length === 2);
    expect([...(await stores.active()), ...(await stores.line())]).toEqual(['backlog', 'first', 'second']);
    await stock.close();
    await stores.redis.clean();
  });

  it('ours stands at the head within a second, though the worker that made it is gone', async () => {
    await stores.redis.client.set(stores.keys.whole, '1');
    const { repository, pusher } = stores.open;
    const [retried = '', ...others] = await stores.queued(4);
    await stores.redis.client.rpoplpush(stores.keys.waiting, stores.keys.active);
    const outcome = { kind: 'retry', delaySeconds: 0.3, spendsAttempt: true, error: errorOf() } as const;
    await stores.settle(await stores.claim(retried), outcome);
    const [row] = await stores.sql<{ at: Date }>(
      'SELECT next_attempt_at AS at FROM application_tracking WHERE job_id = $1',
      [retried],
    );

    const another = holderOf({ workerName: 'worker-2' });
    const due = await waitFor('another worker to find it due', async () => {
      const answer = await repository.tick([], [], another);
      return answer.due.length > 0 && answer.due;
    });
    expect(await pusher.push(due)).toEqual([{ dispatched: true, position: 1 }]);
    expect(await stores.line()).toEqual([retried, ...others]);
    expect(Date.now() - (row?.at.getTime() ?? 0)).toBeLessThan(1000);
    await repository.markDelivered([retried], 'due');
    expect((await repository.tick([], [], another)).due).toEqual([]);
    expect(await stores.told(retried)).toEqual(['discovered', 'queued', 'claimed', 'retry_scheduled', 'dispatched']);
  });
});
