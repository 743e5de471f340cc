// A push whose connection swallows bytes, and a pace that cannot be asked for.
import { tcpProxy, type Proxy } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStores, type Stores } from '../stores.ts';

let stores: Stores;
let proxy: Proxy;
beforeAll(async () => {
  stores = await openStores();
  proxy = await tcpProxy(stores.redis.port);
});
afterAll(async () => {
  await stores.stop();
  await proxy.close();
});

describe('a push', () => {
  it('into a connection that swallows it ends within its bound, and the record says from where on Redis lacks something', async () => {
    const producer = stores.another({ REDIS_URL: `redis://127.0.0.1:${String(proxy.port)}` });
    const [a = '', b = ''] = await stores.discovered(2);
    expect(await producer.queue.enqueueJob(a)).toMatchObject({ dispatched: true });
    proxy.blackhole(true);
    const from = performance.now();
    expect(await producer.queue.enqueueJob(b)).toMatchObject({ dispatched: false, queue_position: null });
    expect(performance.now() - from).toBeLessThan(2000);
    const place = Number((await stores.row(b))['queue_seq']);
    expect((await stores.open.repository.queueStateFacts()).redisBehind).toBe(place);
    expect(await producer.pusher.pace()).toBeNull();
    await proxy.heal();
  });

  it('keeps the smallest place where several failed', async () => {
    const { repository } = stores.open;
    await repository.markRedisBehind(7);
    await repository.markRedisBehind(3);
    await repository.markRedisBehind(5);
    await repository.markRedisCaughtUp(7, await repository.redisBehindMarks());
    expect((await repository.queueStateFacts()).redisBehind).toBeLessThanOrEqual(3);
  });
});
