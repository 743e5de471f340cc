import { randomUUID } from 'node:crypto';
import { tcpProxy, waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSessionLock, sessionKey } from '../../src/leases/session-lock.ts';
import { failureKind } from '../../src/connect/outage.ts';
import { openRecord, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

const holders = async (key: bigint): Promise<number> =>
  (
    await record.client.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND (classid::bigint << 32) | objid::bigint = $1`,
      [key],
    )
  ).rowCount ?? 0;

it('has a key of its own for each process instance, which fits a bigint', () => {
  const keys = Array.from({ length: 100 }, () => sessionKey(randomUUID()));
  expect(new Set(keys).size).toBe(100);
  for (const key of keys) expect(key >= 0n && key < 2n ** 63n).toBe(true);
  expect(sessionKey('a')).toBe(sessionKey('a'));
});

it('is held from ensure to release, once, however often it is asked for', async () => {
  const lock = createSessionLock(record.url, randomUUID());
  expect(lock.held).toBe(false);
  await Promise.all([lock.ensure(), lock.ensure()]);
  await lock.ensure();
  expect(lock.held).toBe(true);
  expect(await holders(lock.key)).toBe(1);
  await lock.release();
  expect(lock.held).toBe(false);
  await waitFor('the lock to be gone', async () => (await holders(lock.key)) === 0);
  await lock.release();
});

it('is taken again after its connection broke', async () => {
  const { port } = new URL(record.url);
  const proxy = await tcpProxy(Number(port));
  const url = new URL(record.url);
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  const lock = createSessionLock(url.href, randomUUID());
  await lock.ensure();
  proxy.cut();
  await waitFor('the break to be noticed', () => !lock.held);
  await waitFor('the lock to be held again', async () => lock.ensure().then(() => lock.held));
  await lock.release();
  await proxy.close();
});

it('tells within seconds that the server cannot be reached, or never answers', async () => {
  const { port } = new URL(record.url);
  const proxy = await tcpProxy(Number(port));
  const url = new URL(record.url);
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  proxy.blackhole(true);
  const lock = createSessionLock(url.href, randomUUID());
  const silent = await lock.ensure().catch((error: unknown) => error);
  expect(failureKind(silent)).toBe('away');
  await proxy.heal();
  await proxy.refuse(true);
  expect(failureKind(await lock.ensure().catch((error: unknown) => error))).toBe('away');
  expect(lock.held).toBe(false);
  await proxy.close();
});

it('is released within bounds though the server does not answer any more', async () => {
  const { port } = new URL(record.url);
  const proxy = await tcpProxy(Number(port));
  const url = new URL(record.url);
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  const lock = createSessionLock(url.href, randomUUID());
  await lock.ensure();
  proxy.blackhole(true);
  const from = performance.now();
  await lock.release();
  expect(performance.now() - from).toBeLessThan(5000);
  await proxy.close();
});
