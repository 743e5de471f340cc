// Hazard 20: a `maxmemory-policy` other than `noeviction` lets Redis drop jobs without a word. What was evicted is delivered again,
// in order; that it may happen is said by `doctor`, and by a worker at its start.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReconcilerOf, type TestReconciler } from '../reconcile/looks.ts';
import { openStores, type Stores } from '../stores.ts';

let stores: Stores;
let reconciler: TestReconciler;
beforeAll(async () => {
  stores = await openStores();
  reconciler = createReconcilerOf(stores);
  await reconciler.look();
});
afterAll(() => stores.stop());

describe('hazard 20: keys that Redis evicts', () => {
  it('a full Redis of that kind drops the line without a word, and the line is whole again', async () => {
    const { client } = stores.redis;
    const ids = await stores.queued(20);
    await stores.sql(`UPDATE application_tracking SET queued_at = queued_at - interval '2 s'`); // nothing is in flight
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await client.config('SET', 'maxmemory', '1');
    await client.set('one more', '1').catch(() => undefined); // refused once nothing is left to evict
    expect(await stores.line()).toEqual([]);
    await client.config('SET', 'maxmemory', '0');
    await client.config('SET', 'maxmemory-policy', 'noeviction');
    await reconciler.looks(4, 1100);
    expect(await stores.line()).toEqual(ids);
    await stores.open.queue.clear('test');
  });

  it.each(['waiting', 'jobs', 'whole', 'active'] as const)(
    'where the key `%s` is evicted, the line is whole again, each job once, in order',
    async (evicted) => {
      const ids = await stores.queued(20);
      await stores.redis.client.rpoplpush(stores.keys.waiting, stores.keys.active);
      await stores.sql(`UPDATE application_tracking SET queued_at = queued_at - interval '2 s'`); // nothing is in flight
      const line = await stores.line();
      await stores.redis.client.unlink(stores.keys[evicted]);
      await reconciler.looks(4, 1100);
      expect((await stores.line()).filter((id) => ids.includes(id))).toEqual(ids);
      expect(await stores.active()).toEqual([]);
      expect(Object.keys(await stores.entries())).toHaveLength((await stores.line()).length);
      expect(line).toHaveLength(19);
      const repaired = await reconciler.repaired();
      await reconciler.looks(4, 1100);
      expect(await reconciler.repaired()).toEqual(repaired);
      await stores.open.queue.clear('test');
    },
  );
});
