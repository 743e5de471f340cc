// All that is discovered, in order, within the budget.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EnqueueResult } from '../../src/job-queue.ts';
import { openStores, type Stores } from '../stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.stop());

describe('enqueueDiscovered', () => {
  it('takes the order of discovery over several pages, and tells each result', async () => {
    const ids = await stores.discovered(3000);
    const results: EnqueueResult[] = [];
    const progress: number[] = [];
    const done = await stores.open.queue.enqueueDiscovered({
      auto: false,
      onEnqueued: (some) => results.push(...some),
      onProgress: (one) => progress.push(one.done),
    });
    expect(done).toBe(3000);
    expect(results.map((one) => one.job_id)).toEqual(ids);
    expect(progress).toEqual([2500, 3000]);
    expect(await stores.line()).toEqual(ids);
    expect(await stores.open.queue.enqueueDiscovered({ auto: false })).toBe(0);
    await stores.open.queue.clear('test');
    await stores.sql('DELETE FROM jobs');
  });

  it('under auto takes only what the poller inserted under auto-enqueue', async () => {
    const [marked] = await stores.open.repository.discover({
      source: 'auto',
      postings: [{ external_id: 'a', title: 't', company: 'c' }],
      autoEnqueue: true,
    });
    const [other = ''] = await stores.discovered(1);
    expect(await stores.open.queue.enqueueDiscovered({ auto: true })).toBe(1);
    expect(await stores.line()).toEqual([marked?.jobId]);
    expect((await stores.row(other))['status']).toBe('discovered');
    await stores.open.queue.clear('test');
    await stores.sql('DELETE FROM jobs');
  });

  it('waits where the budget is used up, goes on as it is free, and ends when told', async () => {
    const ids = await stores.discovered(10);
    const limited = stores.another({ ENQUEUE_RATE_LIMIT: '4' });
    const abort = new AbortController();
    let done = 0;
    const work = limited.queue.enqueueDiscovered({
      auto: false,
      signal: abort.signal,
      onProgress: (progress) => (done = progress.done),
    });
    await waitFor('the budget to be used up', () => done === 4);
    expect(await stores.line()).toEqual(ids.slice(0, 4));
    await stores.sql(`UPDATE enqueue_budget SET window_from = window_from - interval '2 minutes'`);
    await waitFor('more of it', () => done === 8);
    expect(await stores.line()).toEqual(ids.slice(0, 8));
    abort.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
    expect(await stores.line()).toEqual(ids.slice(0, 8));
  });
});
