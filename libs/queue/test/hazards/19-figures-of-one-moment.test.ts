// Hazard 19: `getJobs` and the like read several keys one after another. Figures shown together come from one call.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { peek } from '../../src/delivery/peek.ts';
import { jobsInOrder } from '../loop.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
beforeAll(async () => {
  side = await openRedisSide();
  await side.redis.client.set(side.keys.whole, '1');
  await deliver(side.store, side.keys, jobsInOrder(100));
});
afterAll(() => side.stop());

/** Moves ids between the lists as fast as it can, until told to stop. */
function moveIds(): { stop(): Promise<void> } {
  let going = true;
  const moving = (async () => {
    while (going) {
      await side.redis.client.rpoplpush(side.keys.waiting, side.keys.active);
      await side.redis.client.rpoplpush(side.keys.active, side.keys.waiting);
    }
  })();
  return {
    stop: async () => {
      going = false;
      await moving;
    },
  };
}

describe('hazard 19: figures that were read one after another', () => {
  it('do not add up while ids move; those of a peek always do', async () => {
    const mover = moveIds();
    const { client } = side.store;
    let apart = 0;
    for (let n = 0; n < 5000 && apart === 0; n += 1) {
      const waiting = await client.llen(side.keys.waiting);
      if (waiting + (await client.llen(side.keys.active)) !== 100) apart += 1;
    }
    const seen = [];
    for (let n = 0; n < 500; n += 1) seen.push(await peek(side.store, side.keys));
    await mover.stop();
    expect(apart).toBe(1);
    expect(seen.filter((one) => one.waiting + one.active !== one.entries)).toEqual([]);
  });
});
