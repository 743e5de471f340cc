// TLS is verified against the system's authorities and NODE_EXTRA_CA_CERTS. A TLS server of Node stands before the Redis, so that
// this holds for every build of Redis; its certificate is for localhost and 127.0.0.1, from an authority of our own.
import { readFileSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { testRedis, type TestRedis } from '@jobhive/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { RedisAwayError } from '../../src/errors.ts';
import { openRedis, type RedisStore } from '../../src/redis/connect.ts';
import { keysOf } from '../../src/redis/keys.ts';
import { environmentOf, recordLog } from '../stores.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const before = process.env['NODE_EXTRA_CA_CERTS'];

let redis: TestRedis;
let server: Server;
let port: number;
let store: RedisStore | undefined;
beforeAll(async () => {
  redis = await testRedis();
  server = createServer(
    { key: readFileSync(fixture('server.key')), cert: readFileSync(fixture('server.pem')) },
    (socket) => {
      const inner = connect(redis.port, '127.0.0.1');
      socket.on('error', () => inner.destroy()).on('close', () => inner.destroy());
      inner.on('error', () => socket.destroy()).on('close', () => socket.destroy());
      socket.pipe(inner).pipe(socket);
    },
  );
  server.on('tlsClientError', () => undefined); // a client that does not trust us
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port; // it listens on a port
});
afterEach(async () => {
  await store?.close();
  if (before === undefined) delete process.env['NODE_EXTRA_CA_CERTS'];
  else process.env['NODE_EXTRA_CA_CERTS'] = before;
});
afterAll(async () => {
  server.close();
  await redis.stop();
});

describe('a connection by rediss://', () => {
  it.each(['localhost', '127.0.0.1'])('to %s is trusted by the authority in NODE_EXTRA_CA_CERTS', async (host) => {
    process.env['NODE_EXTRA_CA_CERTS'] = fixture('authority.pem');
    const environment = environmentOf(`rediss://${host}:${String(port)}`);
    store = openRedis(environment.redis, recordLog());
    await store.ready(5000);
    await redis.client.set('jobhive:whole', '1');
    await redis.client.del(keysOf(environment).waiting, keysOf(environment).jobs);
    expect(await deliver(store, keysOf(environment), [{ jobId: 'j1', queueSeq: 1 }])).toEqual([1]);
    const another = store.dial();
    await new Promise((resolve) => another.once('ready', resolve));
    another.disconnect();
  });

  it('is refused where the authority is not known', async () => {
    delete process.env['NODE_EXTRA_CA_CERTS'];
    store = openRedis(environmentOf(`rediss://localhost:${String(port)}`).redis, recordLog());
    const refused = await store.ready(500).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RedisAwayError);
    expect(String((refused as RedisAwayError).cause)).toMatch(/certificate/);
  });
});
