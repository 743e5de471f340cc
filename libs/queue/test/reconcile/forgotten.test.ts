// What a worker has in hand by mistake: its claim is refused, for Postgres forgot it, or for somebody else has the job by now.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openStores, type Stores } from '../stores.ts';
import { createReconcilerOfClean, type TestReconciler } from './looks.ts';

let stores: Stores;
let reconciler: TestReconciler;
let id: string;
let next: string;
beforeAll(async () => {
  stores = await openStores();
});
beforeEach(async () => {
  reconciler = await createReconcilerOfClean(stores);
  [id = '', next = ''] = await stores.queued(2);
});
afterAll(() => stores.stop());

const take = (): Promise<string | null> => stores.redis.client.rpoplpush(stores.keys.waiting, stores.keys.active);
const dispatched = async (): Promise<number> =>
  (await stores.open.repository.timeline(id)).filter(({ event }) => event === 'dispatched').length;

it('goes back to its place where nobody has it, is counted, and told', async () => {
  await take();
  await reconciler.returnForgotten(id);
  expect([await stores.line(), await stores.active()]).toEqual([[id, next], []]);
  expect([await reconciler.repaired(), await dispatched()]).toEqual([{ active_unclaimed: 1 }, 1]);
});

it('stays in line where somebody has put it there meanwhile, and nothing is told', async () => {
  await reconciler.returnForgotten(id);
  expect([await stores.line(), await reconciler.repaired(), await dispatched()]).toEqual([[id, next], {}, 0]);
});

it('stays with whoever waits to run it alone', async () => {
  await take();
  await stores.redis.client.set(`${stores.keys.awaited}:${id}`, '1');
  await reconciler.returnForgotten(id);
  expect([await stores.line(), await stores.active()]).toEqual([[next], [id]]);
});

it('stays with whoever has claimed it', async () => {
  await take();
  await stores.claim(id);
  await reconciler.returnForgotten(id);
  expect([await stores.line(), await stores.active()]).toEqual([[next], [id]]);
});

it('stays away from a Redis that is not whole: the repair of what it lost comes first', async () => {
  await take();
  await stores.redis.client.del(stores.keys.whole);
  await reconciler.returnForgotten(id);
  expect([await stores.active(), await reconciler.repaired(), await dispatched()]).toEqual([[id], {}, 0]);
});
