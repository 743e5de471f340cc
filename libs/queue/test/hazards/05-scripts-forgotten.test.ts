// Hazard 5: after SCRIPT FLUSH or a restart Bee-Queue's cached scripts are gone, and every call fails until the process restarts.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { saveStock, stockQueue } from '../stock.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
beforeAll(async () => {
  side = await openRedisSide();
});
afterAll(() => side.stop());

describe('hazard 5: scripts that the server has forgotten', () => {
  it('the stock library fails at every save from then on', async () => {
    const stock = stockQueue(side);
    await stock.queue.ready();
    await side.redis.client.script('FLUSH');
    await expect(saveStock(stock.queue, 'a')).rejects.toThrow('NOSCRIPT');
    await expect(saveStock(stock.queue, 'b')).rejects.toThrow('NOSCRIPT');
    await stock.close();
  });

  it('we send the text of a script again, after SCRIPT FLUSH and after a restart', async () => {
    const place = async (jobId: string, queueSeq: number): Promise<number[] | null> => {
      await side.redis.client.set(side.keys.whole, '1');
      return deliver(side.store, side.keys, [{ jobId, queueSeq }]);
    };
    expect(await place('j1', 1)).toEqual([1]);
    await side.redis.client.script('FLUSH');
    expect(await place('j2', 2)).toEqual([2]);
    await side.redis.server.restart();
    await side.store.ready(5000);
    expect(await place('j3', 3)).toEqual([1]);
  });
});
