// Hazard 15: succeeded and failed sets grow for ever. Of 100,000 jobs that went through, Redis keeps the last 1,000 ids for a while.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acknowledge } from '../../src/delivery/acknowledge.ts';
import { deliver } from '../../src/delivery/deliver.ts';
import { jobsInOrder, testLoop } from '../loop.ts';
import { saveStock, stockQueue } from '../stock.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

const ROUND = 5000;
const ROUNDS = 20;

let side: RedisSide;
beforeAll(async () => {
  side = await openRedisSide();
  await side.redis.client.set(side.keys.whole, '1');
});
afterAll(() => side.stop());

async function usedBytes(): Promise<number> {
  await side.redis.client.call('MEMORY', 'PURGE');
  return Number((await side.store.info('memory'))['used_memory']);
}

describe('hazard 15: sets that grow', () => {
  it('the stock library keeps each job that has succeeded', async () => {
    const stock = stockQueue(side);
    stock.queue.process(() => Promise.resolve());
    for (const id of ['a', 'b', 'c']) await saveStock(stock.queue, id);
    await waitFor('all of them', async () => (await side.redis.client.scard(`bq:${side.queueName}:succeeded`)) === 3);
    expect(await side.redis.client.hlen(side.keys.jobs)).toBe(3);
    await stock.close();
    await side.redis.clean();
    await side.redis.client.set(side.keys.whole, '1');
  });

  it('memory is flat over 100,000 jobs of ours, and the history is bounded and expires', async () => {
    let ended: string[] = [];
    let count = 0;
    const flush = async (): Promise<void> => {
      const acks = ended.map((jobId) => ({ jobId, finished: true }));
      ended = [];
      if (acks.length > 0) await acknowledge(side.store, side.keys, acks, 60);
    };
    const loop = testLoop(side, {
      slots: 64,
      work: async (jobId) => {
        ended.push(jobId);
        count += 1;
        if (ended.length >= 500) await flush();
      },
    });
    await loop.start();
    const used: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await deliver(side.store, side.keys, jobsInOrder(ROUND, round * ROUND + 1));
      await waitFor('the round', () => count === (round + 1) * ROUND, { timeoutMs: 30_000 });
      await flush();
      loop.given.length = 0;
      used.push(await usedBytes());
    }
    await loop.stop();
    await flush();
    expect(await side.entries()).toEqual({});
    expect((await side.redis.client.keys('*')).sort()).toEqual([side.keys.finished, side.keys.whole].sort());
    expect(await side.redis.client.zcard(side.keys.finished)).toBe(1000);
    expect(await side.redis.client.pttl(side.keys.finished)).toBeGreaterThan(0);
    expect(((used.at(-1) ?? 0) - (used[2] ?? 0)) / 1e6).toBeLessThan(0.5);
  });
});
