// Hazard 9: a blocked event loop makes its jobs stall, and they run twice. Ours go to another worker only when the lease ran out,
// and the one that was blocked then writes nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { waitFor } from '@jobhive/test-kit';
import { stockQueue } from '../stock.ts';
import { holderOf, openStores, type Stores } from '../stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.stop());

function blockEventLoop(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('hazard 9: a blocked event loop', () => {
  it('makes the stock library run a job twice at once', async () => {
    const stock = stockQueue(stores, { stallInterval: 20 });
    const other = stockQueue(stores, { stallInterval: 20 });
    await other.queue.ready();
    const runs: string[] = [];
    stock.queue.process(2, async (job) => {
      runs.push(job.id);
      if (runs.length > 1) return;
      for (let times = 0; times < 50 && runs.length < 2; times += 1) {
        const check = other.queue.checkStalledJobs();
        blockEventLoop(40);
        await check;
      }
    });
    await stock.queue.createJob({}).setId('s1').save();
    await waitFor('the second run beside the first', () => runs.length === 2);
    expect(runs).toEqual(['s1', 's1']);
    await stock.close();
    await other.close();
    await stores.redis.client.del(stores.keys.jobs, stores.keys.waiting, stores.keys.active);
  });

  it('one worker at a time has a claim, however often the job is delivered', async () => {
    const { repository } = stores.open;
    const [jobId = ''] = await stores.queued(1);
    const blocked = await stores.claim(jobId);
    const ask = { jobId, token: '00000000-0000-4000-8000-000000000001' };
    expect(await repository.claim([ask], holderOf({ workerName: 'worker-2' }))).toMatchObject([
      { verdict: 'not_yours' },
    ]);

    await stores.sql('UPDATE application_tracking SET lease_until = clock_timestamp() WHERE job_id = $1', [jobId]);
    const [expired] = await repository.expire([], 3);
    await deliver(stores.store, stores.keys, [{ jobId, queueSeq: expired?.queueSeq ?? 0 }]);
    const second = await stores.claim(jobId, holderOf({ workerName: 'worker-2' }));
    const outcome = { kind: 'processed', last: undefined } as const;
    const verdicts = await repository.settle([
      { jobId, token: blocked.token, outcome },
      { jobId, token: second.token, outcome },
    ]);
    expect(verdicts.map((one) => one.verdict)).toEqual(['stale', 'done']);
    expect((await stores.told(jobId)).filter((event) => event === 'processed')).toHaveLength(1);
  });
});
