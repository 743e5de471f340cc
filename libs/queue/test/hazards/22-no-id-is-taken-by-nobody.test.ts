// Hazard 22: an id can reach `active` with nobody holding it: a job that arrives within a round trip of `close()` was neither run
// nor given back. On our stop every id is run, in line, or back in line.
import { tcpProxy, waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWorkLoop } from '../../src/delivery/bee-queue.ts';
import { deliver } from '../../src/delivery/deliver.ts';
import { openRedis } from '../../src/redis/connect.ts';
import { jobsInOrder, testLoop } from '../loop.ts';
import { stockQueue } from '../stock.ts';
import { environmentOf, openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
beforeAll(async () => {
  side = await openRedisSide();
});
beforeEach(async () => {
  await side.redis.clean();
  await side.redis.client.set(side.keys.whole, '1');
});
afterAll(() => side.stop());

function blockEventLoop(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

const waits = async (): Promise<boolean> => /cmd=brpoplpush/.test(String(await side.redis.client.client('LIST')));

describe('hazard 22: ids that arrive at the moment of the stop', () => {
  it('the stock library neither runs it nor gives it back', async () => {
    const stock = stockQueue(side);
    await stock.queue.ready();
    const run: string[] = [];
    stock.queue.process((job) => Promise.resolve(run.push(job.id)));
    await waitFor('the worker to wait for a job', waits);
    const pushed = side.redis.client.multi().hset(side.keys.jobs, 's1', '{}').lpush(side.keys.waiting, 's1').exec();
    blockEventLoop(50); // the server has answered the worker, which has not read it yet
    await stock.close();
    await pushed;
    expect(run).toEqual([]);
    expect(await side.active()).toEqual(['s1']);
  });

  it('in 200 forced races none of ours is lost', async () => {
    const all: string[] = [];
    const run: string[] = [];
    for (let race = 0; race < 200; race += 1) {
      const loop = testLoop(side, { slots: 1 + (race % 3) });
      await loop.start();
      if (race % 4 !== 3) await waitFor('the loop to wait for a job', waits, { intervalMs: 1 });
      const jobs = jobsInOrder(1 + (race % 4), race * 10 + 1);
      const push = deliver(side.store, side.keys, jobs);
      if (race % 2 === 0) await push;
      if (race % 5 === 0) await waitFor('a first job', () => loop.given.length > 0, { intervalMs: 1 });
      await Promise.all([loop.stop(), push]);
      all.push(...jobs.map((job) => job.jobId));
      run.push(...loop.given);
      expect(await side.active()).toEqual([]);
    }
    const line = await side.line();
    expect([...run, ...line].sort()).toEqual([...all].sort());
    expect(line).toEqual([...line].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1))));
  });

  it('an id whose answer is still on its way over a slow network is waited for, and goes back', async () => {
    const proxy = await tcpProxy(side.redis.port);
    const store = openRedis(environmentOf(`redis://127.0.0.1:${String(proxy.port)}`).redis, side.log);
    await store.ready(5000);
    const loop = testLoop({ ...side, store });
    await loop.start();
    await waitFor('the loop to wait for a job', waits);
    proxy.delay(150);
    await deliver(side.store, side.keys, jobsInOrder(2));
    await loop.stop();
    expect([await side.line(), await side.active(), loop.given]).toEqual([['j1', 'j2'], [], []]);
    await store.close();
    await proxy.close();
  });

  it('what was handed over in the very moment of the stop goes back to its place', async () => {
    const given: string[] = [];
    let finish: (() => void)[] = [];
    let stopped: Promise<void> | undefined;
    const loop = createWorkLoop({
      ...side,
      slots: 8,
      work: (jobId) => {
        given.push(jobId);
        if (given.length === 11) stopped = loop.stop();
        return new Promise((resolve) => finish.push(resolve));
      },
    });
    const finishAll = (): void => {
      for (const resolve of finish.splice(0)) resolve();
    };
    await loop.start();
    await deliver(side.store, side.keys, jobsInOrder(8));
    await waitFor('all slots to be taken', () => given.length === 8);
    finishAll();
    await waitFor('the loop to wait for a job', waits);
    await deliver(side.store, side.keys, jobsInOrder(8, 9)); // the third of them comes with others, in one answer
    await waitFor('the stop to begin', () => stopped !== undefined);
    finishAll();
    await stopped;
    finish = [];
    expect(given.slice(8)).toEqual(['j9', 'j10', 'j11']);
    expect(await side.line()).toEqual(['j12', 'j13', 'j14', 'j15', 'j16']);
  });
});
