// Hazard 23: ids held ahead of their turn stand in `active` too; a SIGKILL of a stock worker left 15 to 17 jobs undone, not one. Ours
// are held ahead only while jobs are short, and for 20 ms at most without a free slot.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { createTaker } from '../../src/delivery/take.ts';
import { jobsInOrder, testLoop } from '../loop.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
beforeAll(async () => {
  side = await openRedisSide();
});
beforeEach(async () => {
  await side.redis.clean();
  await side.redis.client.set(side.keys.whole, '1');
});
afterAll(() => side.stop());

describe('hazard 23: ids held ahead of the slots', () => {
  it('a loop that knows nothing of its jobs yet holds none ahead', async () => {
    await deliver(side.store, side.keys, jobsInOrder(10));
    const loop = testLoop(side, { slots: 2, hold: true });
    await loop.start();
    await waitFor('both slots to be taken', () => loop.given.length === 2);
    expect(await side.active()).toHaveLength(2);
    expect(await side.line()).toHaveLength(8);
    const stopped = loop.stop();
    loop.release();
    await stopped;
  });

  it('what is held ahead goes back to its place when no slot is free within 20 ms', async () => {
    const jobs = jobsInOrder(30);
    await deliver(side.store, side.keys, jobs);
    const taker = createTaker({ ...side, ahead: () => 20 });
    taker.setGate(true);
    expect(await taker.next()).toBe('j1');
    const most = await waitFor('ids to be held ahead', async () => (await side.active()).length > 1);
    expect(most).toBe(true);
    const from = performance.now();
    await waitFor('them to go back', async () => (await side.active()).length === 1, { intervalMs: 1 });
    expect(performance.now() - from).toBeLessThan(500); // 20 ms and a round trip, on a machine that may be busy
    expect(await side.line()).toEqual(jobs.slice(1).map((job) => job.jobId));
    await taker.stop();
  });

  it('what is held ahead is handed on without asking Redis, while slots come free', async () => {
    const jobs = jobsInOrder(30);
    await deliver(side.store, side.keys, jobs);
    const taker = createTaker({ ...side, ahead: () => 64 });
    taker.setGate(true);
    const taken: (string | null)[] = [];
    for (let n = 0; n < 30; n += 1) taken.push(await taker.next());
    expect(taken).toEqual(jobs.map((job) => job.jobId));
    await taker.stop();
  });
});
