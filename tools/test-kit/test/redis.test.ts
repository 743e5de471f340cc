import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testRedis, type TestRedis } from '../src/redis.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

describe('testRedis', () => {
  it('names the keys that are left without an expiry, but for those that may stay', async () => {
    await redis.client.set('jobhive:forgotten', '1');
    await redis.client.set('jobhive:heartbeat', '1', 'PX', 60_000);
    await redis.client.set('bq:q:id', '1');
    await expect(redis.assertNoKeysLeft(/^bq:q:id$/)).rejects.toThrow('without an expiry: jobhive:forgotten (string)');
    await redis.clean();
    await redis.assertNoKeysLeft();
  });

  it('has a client that finds its server again after it was killed', async () => {
    await redis.client.set('kept', 'no');
    await redis.server.kill();
    await redis.server.restart();
    expect(await redis.client.get('kept')).toBeNull();
  });

  it('is a server of its own each time', async () => {
    const other = await testRedis();
    expect(other.port).not.toBe(redis.port);
    expect(other.queueName).not.toBe(redis.queueName);
    await other.stop();
  });
});
