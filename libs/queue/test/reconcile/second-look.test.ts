// What workers have taken and not claimed is returned at the second look at it, and at no first one.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openStores, type Stores } from '../stores.ts';
import { createReconcilerOf, createReconcilerOfClean, type TestReconciler } from './looks.ts';

let stores: Stores;
let reconciler: TestReconciler;
beforeAll(async () => {
  stores = await openStores();
});
beforeEach(async () => {
  reconciler = await createReconcilerOfClean(stores);
});
afterAll(() => stores.stop());

const take = (): Promise<string | null> => stores.redis.client.rpoplpush(stores.keys.waiting, stores.keys.active);

it('what it saw once, and then nothing in hands, is seen for the first time when it is there again', async () => {
  const [id = ''] = await stores.queued(1);
  await take();
  await reconciler.look();
  await stores.redis.client.rpoplpush(stores.keys.active, stores.keys.waiting);
  await reconciler.looks(1, 1000);
  await take();
  await reconciler.looks(1, 1000);
  expect(await stores.active()).toEqual([id]);
  await reconciler.looks(1, 500);
  expect(await stores.active()).toEqual([]);
});

// A look that rebuilt went by what it had seen before; where its worker died before the next, who had been taken from waited seven seconds.
it('what was taken during a rebuild is seen at its end, and returned half a second later', async () => {
  const ids = await stores.queued(3);
  await stores.redis.client.del(stores.keys.whole, stores.keys.waiting, stores.keys.jobs);
  const { repository } = stores.open;
  let taken: string | null | undefined;
  const rebuilding = createReconcilerOf(stores, {
    markDelivered: async (...args) => {
      await repository.markDelivered(...args);
      taken ??= await take();
    },
  });
  await rebuilding.look();
  expect([taken, await stores.active()]).toEqual([ids[0], [ids[0]]]);
  await rebuilding.looks(1, 500);
  expect(await stores.line()).toEqual(ids);
});
