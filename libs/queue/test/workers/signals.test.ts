/**
 * What had gone wrong: ioredis subscribed again by itself after each reconnect, and nobody heard that promise. A connection that broke
 * in just that moment was an unhandled rejection, which ends the worker's process. Found by the chaos command, seed 1.
 */
import { readEnvironment, silentLogger } from '@jobhive/config';
import { tcpProxy, testRedis, waitFor, type Proxy, type TestRedis } from '@jobhive/test-kit';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keysOf, listenForSignals, openRedis, signalLook, type RedisStore } from '../../src/index.ts';

const ANSWER_MS = 150;

let redis: TestRedis;
let proxy: Proxy;
let through: RedisStore;
let direct: RedisStore;
const rejections: unknown[] = [];
const onRejection = (error: unknown): void => void rejections.push(error);

beforeAll(async () => {
  redis = await testRedis();
  proxy = await tcpProxy(redis.port);
  const dial = (port: number): RedisStore =>
    openRedis(readEnvironment({ REDIS_URL: `redis://127.0.0.1:${String(port)}` }).redis, silentLogger);
  through = dial(proxy.port);
  direct = dial(redis.port);
  await direct.ready(5000);
  process.on('unhandledRejection', onRejection);
});

afterAll(async () => {
  process.off('unhandledRejection', onRejection);
  await through.close();
  await direct.close();
  await proxy.close();
  await redis.stop();
});

test('a connection that breaks while it subscribes again ends nothing, and the next one listens', async () => {
  const keys = keysOf({ queueName: redis.queueName, failedQueueName: 'failed_jobs' });
  const dialled: Redis[] = [];
  const store: RedisStore = { ...through, dial: (options) => keep(dialled, through.dial(options)) };
  let looks = 0;
  const signals = listenForSignals(store, keys, () => (looks += 1));
  const subscribed = async (): Promise<boolean> => {
    await signalLook(direct, keys);
    return looks > 0;
  };
  await waitFor('the first word', subscribed);

  proxy.delay(ANSWER_MS);
  const readyAgain = new Promise((resolve) => dialled[0]?.once('ready', resolve));
  proxy.cut();
  await readyAgain;
  proxy.cut(); // the answer to SUBSCRIBE is on its way

  await proxy.heal();
  looks = 0;
  await waitFor('a word after it', subscribed);
  signals.stop();
  expect(rejections).toEqual([]);
});

function keep(list: Redis[], client: Redis): Redis {
  list.push(client);
  return client;
}
