import { type Proxy, tcpProxy } from '@jobhive/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  describeUrl,
  openDatabase,
  type Database,
  type DatabaseOptions,
  type Executor,
} from '../../src/connect/database.ts';
import { openRecord, queued, type TestRecord } from '../test-record.ts';

let record: TestRecord;
let proxy: Proxy;
const opened: Database[] = [];
beforeAll(async () => {
  record = await openRecord();
  proxy = await tcpProxy(Number(new URL(record.url).port), new URL(record.url).hostname);
});
afterAll(async () => {
  await proxy.close();
  await record.close();
});
afterEach(async () => {
  await proxy.heal();
  await Promise.all(opened.splice(0).map((db) => db.close()));
});

function open(options: Partial<DatabaseOptions> = {}): Database {
  const db = openDatabase({ url: record.url, ...options });
  opened.push(db);
  return db;
}
const throughProxy = (change: (url: URL) => void = () => undefined): string => {
  const url = new URL(record.url);
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  change(url);
  return url.href;
};
const setting = async (db: Executor, name: string): Promise<unknown> =>
  (await db.query({ name: 'setting', text: 'SELECT current_setting($1) AS now' }, [name]))[0]?.['now'];
const one = { name: 'one', text: 'SELECT 1 AS one' };
async function timed(work: Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const from = performance.now();
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, ms: performance.now() - from };
}

describe('a connection', () => {
  it('bounds every statement and every wait for a lock, and plans hot statements once', async () => {
    const db = open({ hot: true, applicationName: 'probe' });
    expect(await setting(db, 'statement_timeout')).toBe('5s');
    expect(await setting(db, 'lock_timeout')).toBe('1s');
    expect(await setting(db, 'plan_cache_mode')).toBe('force_generic_plan');
    expect(await setting(db, 'application_name')).toBe('probe');
    expect(await setting(open(), 'plan_cache_mode')).toBe('auto');
  });

  it('sets nothing on the session and names no statement behind a pooler in transaction mode', async () => {
    const db = open({ pgbouncer: true, hot: true, connectionsMax: 1 });
    expect(db.pgbouncer).toBe(true);
    expect(await setting(db, 'plan_cache_mode')).toBe('auto');
    expect(await db.query({ name: 'none', text: 'SELECT name FROM pg_prepared_statements' })).toEqual([]);
    const named = open({ connectionsMax: 1 });
    await named.query(one);
    expect(await named.query({ name: 'some', text: 'SELECT name FROM pg_prepared_statements' })).toContainEqual({
      name: 'one',
    });
  });

  it('tells where it leads, without credentials', () => {
    expect(describeUrl('postgres://u:secret@h.example/jobs')).toBe('h.example:5432/jobs');
    expect(open().where).not.toContain(new URL(record.url).password);
  });

  it('measures a round trip, and closes as often as it is asked to', async () => {
    const db = open();
    expect(await db.ping()).toBeGreaterThan(0);
    await Promise.all([db.close(), db.close()]);
    await expect(db.query(one)).rejects.toMatchObject({ code: 'postgres_away' });
  });
});

describe('what cannot be had', () => {
  it('is away where nobody listens', async () => {
    await proxy.refuse(true);
    const { error, ms } = await timed(open({ url: throughProxy() }).query(one));
    expect(error).toMatchObject({ name: 'PostgresAwayError', code: 'postgres_away', exitCode: 1 });
    expect(ms).toBeLessThan(2000);
  });

  it.each([
    ['a wrong password', (url: URL) => void (url.password = 'wrong')],
    ['an unknown database', (url: URL) => void (url.pathname = '/nowhere')],
  ])('is denied for %s', async (_what, change) => {
    await expect(open({ url: throughProxy(change) }).query(one)).rejects.toMatchObject({ code: 'postgres_denied' });
  });

  it('is not migrated where a table is missing', async () => {
    const missing = open().query({ name: 'missing', text: 'SELECT FROM not_there' });
    await expect(missing).rejects.toMatchObject({ code: 'not_migrated' });
  });

  it('is told as it is where the mistake is ours, or the data is refused', async () => {
    await expect(open().query({ name: 'wrong', text: 'SELEC' })).rejects.toMatchObject({ code: '42601' });
    await expect(open().query({ name: 'data', text: 'SELECT $1::uuid' }, ['x'])).rejects.toMatchObject({
      code: '22P02',
    });
  });
});

describe('a server that takes connections and never answers', () => {
  it('is away within the bound of the connecting', async () => {
    proxy.blackhole(true);
    const { error, ms } = await timed(open({ url: throughProxy(), connectTimeoutMs: 300 }).query(one));
    expect(error).toMatchObject({ code: 'postgres_away' });
    expect(ms).toBeLessThan(3000);
  });

  it('is away within the bound of the statement and two seconds, and the next question goes over another connection', async () => {
    const db = open({ url: throughProxy(), statementTimeoutMs: 200, connectionsMax: 1 });
    await db.query(one);
    proxy.blackhole(true);
    const { error, ms } = await timed(db.query(one));
    expect(error).toMatchObject({ code: 'postgres_away' });
    expect(ms).toBeLessThan(5000);
    await proxy.heal();
    expect(await db.query(one)).toEqual([{ one: 1 }]);
  });

  it('does not keep close() waiting', async () => {
    const db = open({ url: throughProxy(), connectionsMax: 1 });
    await db.query(one);
    proxy.blackhole(true);
    expect((await timed(db.close())).ms).toBeLessThan(2000);
  });

  it('does not keep a transaction waiting', async () => {
    const db = open({ url: throughProxy(), statementTimeoutMs: 200, connectionsMax: 1 });
    const { error, ms } = await timed(
      db.transaction(async (tx) => {
        proxy.blackhole(true);
        await tx.query(one);
      }),
    );
    expect(error).toMatchObject({ code: 'postgres_away' });
    expect(ms).toBeLessThan(5000);
  });
});

it('a connection that breaks while it is idle, or in a question, is replaced', async () => {
  const db = open({ url: throughProxy(), connectionsMax: 1 });
  await db.query(one);
  proxy.cut();
  const first = await timed(db.query(one)); // it may not have noticed yet
  if (first.error !== undefined) expect(first.error).toMatchObject({ code: 'postgres_away' });
  expect(await db.query(one)).toEqual([{ one: 1 }]);
  const asleep = db.query({ name: 'sleep', text: 'SELECT pg_sleep(3)' });
  await record.sql(`SELECT pg_sleep(0.1)`);
  proxy.cut();
  await expect(asleep).rejects.toMatchObject({ code: 'postgres_away' });
});

describe('a busy server is asked again, and no more than three times', () => {
  it('where a statement takes too long', async () => {
    const db = open({ statementTimeoutMs: 100 });
    const { error, ms } = await timed(db.query({ name: 'slow', text: 'SELECT pg_sleep(2)' }));
    expect(error).toMatchObject({ code: '57014' });
    expect(ms).toBeGreaterThan(250);
    expect(ms).toBeLessThan(2000);
  });

  it('where a lock is held until the second ask', async () => {
    const [jobId] = await queued(record, 1);
    const lock = { name: 'lock', text: 'SELECT job_id FROM application_tracking WHERE job_id = $1 FOR UPDATE' };
    const holder = await record.client.connect();
    await holder.query('BEGIN');
    await holder.query(lock.text, [jobId]);
    const waiting = open().query(lock, [jobId]);
    setTimeout(() => void holder.query('ROLLBACK').finally(() => holder.release()), 1300);
    expect(await waiting).toEqual([{ job_id: jobId }]);
  });

  it('where two transactions deadlock: one is run again as a whole, and both are done', async () => {
    const ids = await queued(record, 2);
    const lock = { name: 'lock', text: 'SELECT FROM application_tracking WHERE job_id = $1 FOR UPDATE' };
    const db = open();
    await db.query({ name: 'quick', text: `SELECT set_config('deadlock_timeout', '50ms', false)` });
    let runs = 0;
    let met: () => void = () => undefined;
    const both = new Promise<void>((resolve) => {
      met = resolve;
    });
    const crossing = (order: string[]) =>
      db.transaction(async (tx) => {
        runs += 1;
        await tx.query(lock, [order[0]]);
        if (runs === 2) met();
        await both;
        await tx.query(lock, [order[1]]);
        return order[0];
      });
    const ends = await Promise.all([crossing(ids), crossing([...ids].reverse())]);
    expect(ends).toEqual([ids[0], ids[1]]);
    expect(runs).toBeGreaterThanOrEqual(3);
  });
});

describe('a transaction', () => {
  it('is rolled back as a whole where its work throws, and the error is the one that was thrown', async () => {
    const [jobId] = await queued(record, 1);
    const before = await record.everything();
    const failure = new Error('of the work');
    const db = open({ connectionsMax: 1 });
    const done = db.transaction(async (tx) => {
      await tx.query({ name: 'change', text: `UPDATE application_tracking SET attempt = 9 WHERE job_id = $1` }, [
        jobId,
      ]);
      throw failure;
    });
    await expect(done).rejects.toBe(failure);
    const notAnError = db.transaction(() => Promise.reject('a text')); // eslint-disable-line @typescript-eslint/prefer-promise-reject-errors -- what a caller may do
    await expect(notAnError).rejects.toBe('a text');
    expect(await db.query(one)).toEqual([{ one: 1 }]);
    expect(await record.everything()).toBe(before);
  });
});
