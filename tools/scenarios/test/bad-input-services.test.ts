/**
 * Bad input: services that are away, that refuse the password, or that take the connection and never answer; and a
 * database without migrations. One clear line, the right exit code, nothing half done.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPrivateRedis, testServerUrl, type RunningServer } from '@jobhive/test-kit';
import type { StatusDocument } from '@jobhive/queue';
import { postings } from '../src/postings.ts';
import type { App } from '../src/programs.ts';
import { silentServer, type SilentServer } from '../src/silent-server.ts';
import { startSystem, type System } from '../src/system.ts';
import { expectRefusal, inPairs } from './refusal.ts';

const NOBODY = '127.0.0.1:1';
let system: System;
let silent: SilentServer;
let guarded: RunningServer;
let ids: readonly string[];

beforeAll(async () => {
  system = await startSystem();
  silent = await silentServer();
  guarded = await startPrivateRedis({ password: 'right' });
  ids = await system.discover(postings(3));
});
afterAll(async () => {
  await Promise.all([system.stop(), silent.close(), guarded.remove()]);
});

type Call = readonly [App, ...string[]];

const poll: Call = ['poller', '--once', '--source', 'file:postings.ndjson'];
const needRedis: readonly Call[] = [
  ['monitor-cli', 'workers', '--json'],
  ['monitor-cli', 'pause', '--json'],
  ['monitor-cli', 'resume', '--json'],
  ['monitor-cli', 'clear', '--confirm', '--json'],
  ['monitor-cli', 'rebuild', '--json'],
  ['worker', '--burst'],
  [...poll, '--auto-enqueue'],
];
const needPostgres = (): readonly Call[] => [
  ['monitor-cli', 'status', '--json'],
  ['monitor-cli', 'workers', '--json'],
  ['monitor-cli', 'jobs', '--json'],
  ['monitor-cli', 'why', ids[0] ?? '', '--json'],
  ['monitor-cli', 'enqueue', ids[0] ?? '', '--json'],
  ['monitor-cli', 'cancel', ids[0] ?? '', '--json'],
  ['monitor-cli', 'failed', '--json'],
  ['monitor-cli', 'retry', '--all', '--json'],
  ['monitor-cli', 'pause', '--json'],
  ['monitor-cli', 'migrate', '--json'],
  ['worker', '--burst'],
  poll,
  ['poller', 'sources', '--json'],
];

/** One for each way in which programs wait for their services: a silent server costs each of them its full bound. */
const waysToWait = (calls: readonly Call[]): readonly Call[] =>
  calls.filter(
    ([app, command = '']) => app !== 'monitor-cli' || ['status', 'migrate', 'enqueue', 'rebuild'].includes(command),
  );

const refuses = (calls: readonly Call[], env: Record<string, string>, line: RegExp): Promise<void> =>
  inPairs(calls, ([app, ...args]) => expectRefusal(system, { app, args, env, code: 1, lines: [line] }));

test('Redis away: what needs it ends with 1 and names it', () =>
  refuses(needRedis, { REDIS_URL: `redis://${NOBODY}` }, /^error: Redis at 127\.0\.0\.1:1\/0 is away; start it or/));

test('Redis silent: what needs it ends with 1 as well', () =>
  refuses(
    waysToWait(needRedis),
    { REDIS_URL: `redis://127.0.0.1:${String(silent.port)}` },
    /^error: Redis at .* is away; start it or/,
  ));

test('Redis with a wrong password: told at once, the password never', async () => {
  const url = (password: string): string => guarded.url.replace('right', password);
  const calls: readonly Call[] = [
    ['monitor-cli', 'workers', '--json'],
    ['worker', '--burst'],
    ['worker'],
    [...poll, '--auto-enqueue'],
  ];
  await refuses(
    calls,
    { REDIS_URL: url('wrong') },
    /^error: Redis at .* refused the user or the password; correct REDIS_URL$/,
  );
  const none = { REDIS_URL: `redis://127.0.0.1:${String(guarded.port)}` };
  await refuses([['monitor-cli', 'workers', '--json']], none, /refused the user or the password/);
});

test('Postgres away: everything that needs it ends with 1 and names it', () =>
  refuses(
    needPostgres(),
    { DATABASE_URL: `postgres://u:secret@${NOBODY}/db` },
    /^error: Postgres at 127\.0\.0\.1:1\/db is away; start it or/,
  ));

test('Postgres silent: everything that needs it ends with 1 as well', () =>
  refuses(
    waysToWait(needPostgres()),
    { DATABASE_URL: `postgres://u:secret@127.0.0.1:${String(silent.port)}/db` },
    /^error: Postgres at .*\/db is away/,
  ));

test('Postgres with a wrong password: told at once, also to a worker and a poller that would wait, the password never', async () => {
  const url = new URL(system.database.url);
  url.password = 'not-the-password';
  const calls: readonly Call[] = [
    ['monitor-cli', 'status', '--json'],
    ['worker', '--burst'],
    ['worker'],
    poll,
    ['poller', '--source', 'file:postings.ndjson'],
  ];
  await refuses(
    calls,
    { DATABASE_URL: url.href },
    /^error: Postgres at (?!.*not-the-password).* refused .*; correct DATABASE_URL/,
  );
});

test('migrations not applied: everything names the command, but migrate itself', async () => {
  const url = new URL(testServerUrl());
  url.pathname = '/postgres';
  const calls: readonly Call[] = [
    ['monitor-cli', 'status', '--json'],
    ['monitor-cli', 'enqueue', ids[0] ?? '', '--json'],
    ['worker', '--burst'],
    ['worker'],
    poll,
    ['poller', '--source', 'file:postings.ndjson'],
  ];
  await refuses(calls, { DATABASE_URL: url.href }, /^error: .*\bmigrate\b/);
});

test('Redis away takes nothing from what needs Postgres only; enqueue and retry say dispatched: false', async () => {
  const env = { REDIS_URL: `redis://${NOBODY}` };
  const answer = async <T>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await system.run('monitor-cli', [...args, '--json'], env);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as T; // each test of the shape names what it asked for
  };
  const [first = '', second = ''] = ids;
  const status = await answer<StatusDocument>('status');
  expect(status).toMatchObject({ redis: { ok: false }, workers: { active: null, list: [] }, postgres: { ok: true } });
  expect(status.counts.discovered).toBe(3);
  expect(await answer('enqueue', first, second)).toEqual(
    [first, second].map((job_id) => ({
      job_id,
      queue_position: null,
      estimated_wait_time: null,
      dispatched: false,
      already_queued: false,
    })),
  );
  expect(await answer('cancel', second)).toEqual({ job_id: second, status: 'cancelled' });
  expect(await answer<unknown[]>('jobs')).toHaveLength(3);
  expect(await answer('why', first)).toMatchObject({ job_id: first, status: 'queued' });
  expect(await answer('failed')).toEqual([]);
  expect(await answer('retry', '--all')).toMatchObject({ retried: 0, job_ids: [] });
  expect(await answer('migrate')).toEqual({ applied: [] });
  expect((await system.run('poller', poll.slice(1), env)).code).toBe(0);

  // and Redis, back again, gets what it missed from the first worker
  expect((await system.run('worker', ['--burst'])).code).toBe(0);
  expect(await system.record.statuses([first, second])).toEqual(['processed', 'cancelled']);
});

test('a worker without its services waits for them, and ends with 0 when asked to', async () => {
  const worker = system.start('worker', ['--name', 'patient'], { REDIS_URL: `redis://${NOBODY}` });
  await worker.waitForLine(/a service is away, waiting for it/, 40_000);
  expect(await worker.stop()).toEqual({ code: 0, signal: null });
});
