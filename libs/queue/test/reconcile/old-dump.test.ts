// A Redis that was started from a dump of another day: what it says is hours old, its mark says that it is whole. What is on
// record decides.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { acknowledge } from '../../src/delivery/acknowledge.ts';
import { openStores, stageOf, type Stores } from '../stores.ts';
import { createReconcilerOf } from './looks.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.stop());

const take = (): Promise<string | null> => stores.redis.client.rpoplpush(stores.keys.waiting, stores.keys.active);

async function process(jobId: string): Promise<void> {
  await stores.settle(await stores.claim(jobId), { kind: 'processed', last: stageOf('last') });
  await acknowledge(stores.store, stores.keys, [{ jobId, finished: true }], 60);
}

it('the restore of an old dump: the queue is whole again by itself, in order, no attempt spent', async () => {
  const { redis, keys, open } = stores;
  const dumped = join(redis.server.dataDir, 'dump.rdb');
  const kept = join(redis.server.dataDir, 'of-another-day.rdb');
  const mended = await stores.failed();
  await open.deadLetters.mendAll();
  const [first = '', second = '', third = '', ...waiting] = await stores.queued(6);
  await take(); // the dump has the first in hand
  await redis.client.save();
  await copyFile(dumped, kept);

  await process(first);
  await take();
  await process(second);
  await open.queue.cancel(third, 'test');
  await open.queue.retry({ jobId: mended }, { by: 'test' });
  await take();
  const running = await stores.claim(waiting[0] ?? '');
  const failed = await stores.failed();
  await open.deadLetters.mendAll();
  const later = await stores.queued(2);
  const reconciler = createReconcilerOf(stores);
  await reconciler.look(); // whose Redis it is

  await redis.server.stop();
  await copyFile(kept, dumped);
  await redis.server.restart();
  await stores.store.ready(10_000);
  expect(await stores.line()).toEqual([second, third, ...waiting]);
  expect(await stores.active()).toEqual([first]);

  await reconciler.looks(6, 5000);
  const inLine = [...waiting.slice(1), mended, ...later];
  expect(await stores.line()).toEqual(inLine);
  expect(await stores.active()).toEqual([]);
  expect(Object.keys(await stores.entries()).sort()).toEqual([...inLine].sort());
  expect(await redis.client.zrange(keys.failed, '0', '-1')).toEqual([failed]);
  for (const id of [...waiting.slice(1), ...later]) expect(await stores.row(id)).toMatchObject({ attempt: 0 });
  expect(await stores.row(running.jobId)).toMatchObject({
    status: 'processing',
    claim_token: running.token,
    attempt: 1,
  });
});
