// Hazard 1: an ioredis client handed to Bee-Queue is ignored without a word, and 127.0.0.1:6379 is dialled instead.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import BeeQueue from 'bee-queue';
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { testLoop } from '../loop.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
beforeAll(async () => {
  side = await openRedisSide();
});
afterAll(() => side.stop());

/** Every socket that is made while `work` runs. */
async function socketsOf(work: () => Promise<void>): Promise<Socket[]> {
  const sockets: Socket[] = [];
  const note = (message: unknown): void => void sockets.push((message as { socket: Socket }).socket); // as node documents it
  subscribe('net.client.socket', note);
  await work().finally(() => unsubscribe('net.client.socket', note));
  return sockets;
}

describe('hazard 1: an ioredis client that is ignored', () => {
  it('the stock library does not know an ioredis client for one, and would dial by itself', () => {
    const stock = new BeeQueue('any', { redis: side.store.client as never, autoConnect: false });
    const settings = stock.settings as { quitCommandClient: boolean }; // true where it was given no client it knows
    expect(settings.quitCommandClient).toBe(true);
  });

  it('our loop dials the Redis it was told, on a port of its own, and no other', async () => {
    const loop = testLoop(side);
    const sockets = await socketsOf(async () => {
      await side.redis.client.set(side.keys.whole, '1');
      await loop.start();
      await deliver(side.store, side.keys, [{ jobId: 'j1', queueSeq: 1 }]);
      await waitFor('the job', () => loop.given.length === 1);
    });
    expect(side.redis.port).not.toBe(6379);
    expect(sockets.every((socket) => socket.remotePort === side.redis.port)).toBe(true);
    await loop.stop();
  });
});
