// Hazard 6: where the first stall check fails, a stock worker lives on and takes nothing.
import { tcpProxy, waitFor, type Proxy } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { testLoop } from '../loop.ts';
import { saveStock, stockQueue } from '../stock.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
let proxy: Proxy;
beforeAll(async () => {
  side = await openRedisSide(async (port) => (proxy = await tcpProxy(port)).port);
});
afterAll(async () => {
  await side.stop();
  await proxy.close();
});

describe('hazard 6: the first call of a worker fails', () => {
  it('a stock worker asks for no job any more', async () => {
    const stock = stockQueue(side);
    await stock.queue.ready();
    await saveStock(stock.queue, 's1');
    await side.redis.client.script('FLUSH');
    const run: string[] = [];
    stock.queue.process((job) => Promise.resolve(run.push(job.id)));
    await waitFor('the failed check', () => stock.errors.some((error) => error.message.startsWith('NOSCRIPT')));
    await stock.queue.checkHealth(); // a round trip later
    expect((await stock.queue.checkHealth()).waiting).toBe(1);
    expect(run).toEqual([]);
    await stock.close();
    await side.redis.clean();
  });

  it('our worker, whose first calls fail, takes jobs afterwards', async () => {
    await proxy.refuse(true);
    proxy.cut();
    await waitFor('the store to notice', () => !side.store.isReady);
    const loop = testLoop(side);
    await loop.start();
    await proxy.refuse(false);
    await side.store.ready(5000);
    await side.redis.client.set(side.keys.whole, '1');
    await deliver(side.store, side.keys, [{ jobId: 'j1', queueSeq: 1 }]);
    await waitFor('the job', () => loop.given[0] === 'j1');
    await loop.stop();
  });
});
