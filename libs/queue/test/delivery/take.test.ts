// Taking under a gate, through a restart, and to its end.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { createTaker, type Taker } from '../../src/delivery/take.ts';
import { jobsInOrder, testLoop } from '../loop.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
let taker: Taker;
beforeAll(async () => {
  side = await openRedisSide();
});
beforeEach(async () => {
  await side.redis.clean();
  await side.redis.client.set(side.keys.whole, '1');
  taker = createTaker({ ...side, ahead: () => 0 });
});
afterEach(() => taker.stop());
afterAll(() => side.stop());

const waits = async (): Promise<boolean> => /cmd=brpoplpush/.test(String(await side.redis.client.client('LIST')));

describe('a taker', () => {
  it('takes nothing while its gate is closed, and goes on when it opens', async () => {
    await deliver(side.store, side.keys, jobsInOrder(2));
    const next = taker.next();
    await side.store.ping();
    expect(await side.line()).toEqual(['j1', 'j2']);
    taker.setGate(true);
    expect(await next).toBe('j1');
  });

  it('puts back what arrives after its gate was closed', async () => {
    taker.setGate(true);
    const next = taker.next();
    await waitFor('it to wait for an id', waits);
    taker.setGate(false);
    await deliver(side.store, side.keys, jobsInOrder(2));
    await waitFor('the id to be back', async () => (await side.line()).length === 2);
    expect(await side.line()).toEqual(['j1', 'j2']);
    expect(await side.active()).toEqual([]);
    taker.setGate(true);
    expect(await next).toBe('j1');
  });

  it('puts back what it holds ahead when its gate closes', async () => {
    await deliver(side.store, side.keys, jobsInOrder(5));
    const greedy = createTaker({ ...side, ahead: () => 4 });
    greedy.setGate(true);
    await greedy.next();
    greedy.setGate(false);
    await waitFor('the line', async () => (await side.line()).length === 4);
    expect(await side.active()).toEqual(['j1']);
    await greedy.stop();
  });

  it('goes on after a restart of Redis while it was waiting', async () => {
    taker.setGate(true);
    const next = taker.next();
    await waitFor('it to wait for an id', waits);
    await side.redis.server.kill();
    await waitFor('the store to notice', () => !side.store.isReady);
    await side.redis.server.restart();
    await side.store.ready(10_000);
    await side.redis.client.set(side.keys.whole, '1');
    await deliver(side.store, side.keys, jobsInOrder(1));
    expect(await next).toBe('j1');
  });

  it('knows when the line was empty at its last look', async () => {
    taker.setGate(true);
    expect(taker.idle).toBe(false);
    const next = taker.next();
    await waitFor('it to wait for an id', waits);
    await side.redis.client.client(
      'UNBLOCK',
      /id=(\d+) [^\n]*cmd=brpoplpush/.exec(String(await side.redis.client.client('LIST')))?.[1] ?? 0,
    );
    await waitFor('the look', () => taker.idle);
    await deliver(side.store, side.keys, jobsInOrder(1));
    expect(await next).toBe('j1');
    expect(taker.idle).toBe(false);
  });

  it('answers null after its end, to those who wait and those who come', async () => {
    taker.setGate(true);
    const waiting = taker.next();
    await waitFor('it to wait for an id', waits);
    const from = performance.now();
    await taker.stop();
    expect(performance.now() - from).toBeLessThan(1500);
    expect(await waiting).toBeNull();
    expect(await taker.next()).toBeNull();
    taker.setGate(true);
    expect(await taker.next()).toBeNull();
  });
});

describe('the loop', () => {
  it('runs as many at once as it has slots, in order, and the next as one is free', async () => {
    await deliver(side.store, side.keys, jobsInOrder(5));
    const loop = testLoop(side, { slots: 2, hold: true });
    await loop.start();
    await waitFor('two', () => loop.given.length === 2);
    loop.release('j2');
    await waitFor('the third', () => loop.given.length === 3);
    expect(loop.given).toEqual(['j1', 'j2', 'j3']);
    const stopped = loop.stop();
    loop.release();
    await stopped;
  });

  it('is closed by its gate between jobs', async () => {
    const loop = testLoop(side);
    await loop.start();
    loop.setGate(false);
    await deliver(side.store, side.keys, jobsInOrder(1));
    await waitFor('the id to be in line', async () => (await side.line()).length === 1);
    expect(loop.given).toEqual([]);
    loop.setGate(true);
    await waitFor('the job', () => loop.given.length === 1);
    expect(loop.meanMs).toBeUndefined();
    loop.noteDuration(3);
    expect(loop.meanMs).toBe(3);
    expect(loop.idle).toBe(false);
    await loop.stop();
  });
});
