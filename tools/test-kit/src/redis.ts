/**
 * A Redis for one test file: a server of its own (it starts in 20 to 40 ms), since the product's keys `jobhive:*` are global to
 * a Redis, and so that a test may stop, kill or flush it. On containers too.
 */
import { randomBytes } from 'node:crypto';
import { startPrivateRedis, type PrivateRedisOptions, type RunningServer } from '@jobhive/servers';
import { Redis } from 'ioredis';
import { LeakError } from './leaks.ts';

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  readonly server: RunningServer;
  readonly client: Redis;
  /** Unique in the run. */
  readonly queueName: string;
  /** Removes every key. */
  clean(): Promise<void>;
  /** Fails, naming them, where keys are left without an expiry. `ignore` says of which keys that is right. */
  assertNoKeysLeft(ignore?: RegExp): Promise<void>;
  stop(): Promise<void>;
}

export async function testRedis(options: PrivateRedisOptions = {}): Promise<TestRedis> {
  const server = await startPrivateRedis(options);
  const client = new Redis(server.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on('error', () => undefined); // the test stopped its server: the client dials again until it is back
  return {
    url: server.url,
    port: server.port,
    server,
    client,
    queueName: `test_${randomBytes(6).toString('hex')}`,
    clean: async () => void (await client.flushall()),
    assertNoKeysLeft: async (ignore) => {
      const left = await keysWithoutExpiry(client, ignore);
      if (left.length > 0) throw new LeakError(`keys left in Redis without an expiry: ${left.join(', ')}`);
    },
    stop: async () => {
      client.disconnect();
      await server.remove();
    },
  };
}

async function keysWithoutExpiry(client: Redis, ignore: RegExp | undefined): Promise<readonly string[]> {
  const left: string[] = [];
  for await (const batch of client.scanStream({ count: 1_000 })) {
    // ioredis declares the stream's chunks as any; scanStream yields arrays of keys.
    for (const key of batch as string[]) {
      if (ignore?.test(key) !== true && (await client.pttl(key)) === -1)
        left.push(`${key} (${await client.type(key)})`);
    }
  }
  return left.sort();
}
