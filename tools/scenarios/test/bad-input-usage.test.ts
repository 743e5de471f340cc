/** Bad input that is the caller's: configuration, arguments, files, pipeline modules, names. Wrong values are told all at once. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { errorLines } from '../src/log-records.ts';
import { ndjson, posting, postings } from '../src/postings.ts';
import { pipelineFile, type App } from '../src/programs.ts';
import { startSystem, type System } from '../src/system.ts';
import { expectRefusal, inPairs, type Refusal } from './refusal.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const PROGRAMS: readonly (readonly [App, ...string[]])[] = [
  ['monitor-cli', 'status', '--json'],
  ['worker', '--burst'],
  ['poller', '--once'],
];

const everywhere = (env: Record<string, string>, ...lines: RegExp[]): Promise<void> =>
  inPairs(PROGRAMS, ([app, ...args]) => expectRefusal(system, { app, args, env, code: 2, lines }));

test('a port that is not a number', () =>
  everywhere({ REDIS_URL: '', REDIS_PORT: 'six' }, /^error: REDIS_PORT is "six": .*1 to 65535/));

test('delays that are not numbers', () =>
  everywhere({ RQ_RETRY_DELAYS: '5,soon,45' }, /^error: RQ_RETRY_DELAYS is "5,soon,45"/));

test('all wrong values at once, a line each, and no secret in them', () =>
  everywhere(
    {
      OPS_PORT: '70000',
      WORKER_LEASE: '0',
      ENABLE_AUTO_ENQUEUE: 'yes',
      DATABASE_URL: 'mysql://u:hunter2@h/d',
      RQ_QUEUE_NAME: 'a b',
    },
    /^error: OPS_PORT is "70000"/,
    /^error: WORKER_LEASE is "0"/,
    /^error: ENABLE_AUTO_ENQUEUE is "yes".*true.*false/,
    /^error: DATABASE_URL (?!.*hunter2)/,
    /^error: RQ_QUEUE_NAME is "a b"/,
  ));

test('an empty value is an unset one', async () => {
  const env = { RQ_RETRY_DELAYS: '', OPS_PORT: '', PIPELINE_MODULE: '', WORKER_LEASE: '' };
  expect((await system.run('worker', ['--burst'], env)).code).toBe(0);
});

const usage = (app: App, args: readonly string[], line: RegExp): Refusal => ({ app, args, code: 2, lines: [line] });
const ID = '0b8fc9a6-5a3e-4d0c-9a52-3f2f6f0d8a11';

test('clear and discard without --confirm name it, and change nothing', async () => {
  await inPairs(
    [
      usage('monitor-cli', ['clear', '--json'], /--confirm/),
      usage('monitor-cli', ['discard', '--job-id', ID, '--json'], /--confirm/),
    ],
    (refusal) => expectRefusal(system, refusal),
  );
});

test('wrong usage of commands is exit 2, before any store is asked', async () => {
  const away = { REDIS_URL: 'redis://127.0.0.1:1', DATABASE_URL: 'postgres://u@127.0.0.1:1/d' };
  const wrong: readonly Refusal[] = [
    usage('monitor-cli', ['jobs', '--limit', '0', '--json'], /--limit/),
    usage('monitor-cli', ['jobs', '--limit', '1001', '--json'], /--limit/),
    usage('monitor-cli', ['jobs', '--since', 'yesterday', '--json'], /--since/),
    usage('monitor-cli', ['jobs', '--status', 'done', '--json'], /--status/),
    usage('monitor-cli', ['enqueue', '--json'], /--discovered/),
    usage('monitor-cli', ['enqueue', ID, '--discovered', '--json'], /--discovered/),
    usage('monitor-cli', ['retry', '--json'], /--all/),
    usage('monitor-cli', ['retry', '--all', '--job-id', ID, '--json'], /--all/),
    usage('monitor-cli', ['why', '17', '--json'], /"17" is no job id/),
    usage('monitor-cli', ['nonsense', '--json'], /nonsense/),
    usage('monitor-cli', ['status', '--nonsense', '--json'], /nonsense/),
    usage('worker', ['--concurrency', '0'], /--concurrency/),
    usage('worker', ['--nonsense'], /nonsense/),
    usage('poller', ['--once', '--source', 'carrier-pigeon:x'], /no known kind/),
    usage('poller', ['--once', '--source', 'file:'], /lacks its PATH/),
    usage('poller', ['--nonsense'], /nonsense/),
  ];
  await inPairs(wrong, (refusal) => expectRefusal(system, { ...refusal, env: away }));
});

test('a malformed postings file: the bad lines named by number, the good ones kept, and it is no error', async () => {
  const good = ndjson([posting(1)]).trim();
  const lines = [
    good,
    '{"external_id": "cut", "title": "Line Co',
    '',
    '["no", "posting"]',
    '{"title":"no id","company":"c"}',
    ndjson([posting(2)]).trim(),
  ];
  await writeFile(join(system.folder, 'bad.ndjson'), lines.join('\n'));
  const { code, stdout, stderr } = await system.run('poller', ['--once', '--source', 'file:bad.ndjson']);
  expect(code, stderr).toBe(0);
  expect(errorLines(stderr)).toEqual([]);
  const told = stdout.trim().split('\n');
  expect(told).toEqual([
    expect.stringMatching(/^line 2: ./),
    expect.stringMatching(/^line 4: ./),
    expect.stringMatching(/^line 5: .*external_id/),
    'file:bad.ndjson: 2 new, 0 updated, 0 unchanged, 3 rejected',
  ]);
  const { rows } = await system.database.client.query('SELECT external_id FROM jobs ORDER BY discovery_seq');
  expect(rows).toEqual([{ external_id: 'p-1' }, { external_id: 'p-2' }]);
});

test('a postings file that is not there: exit 1, after the others were polled', async () => {
  await writeFile(join(system.folder, 'there.ndjson'), ndjson(postings(1)));
  const { code, stdout, stderr } = await system.run('poller', [
    '--once',
    '--source',
    'file:nowhere.ndjson',
    '--source',
    'file:there.ndjson',
  ]);
  expect(code).toBe(1);
  expect(errorLines(stderr)).toEqual([expect.stringMatching(/nowhere\.ndjson.*no such file/)]);
  expect(stdout).toBe('file:there.ndjson: 1 new, 0 updated, 0 unchanged, 0 rejected\n');
});

test('a pipeline module that cannot be used ends the worker with 2, saying why', async () => {
  const module = async (name: string, text: string): Promise<string> => {
    const file = join(system.folder, name);
    await writeFile(file, text);
    return file;
  };
  const cases: readonly (readonly [string, RegExp])[] = [
    [pipelineFile('throws-on-load'), /this module is broken on purpose/],
    ['./not-there.mjs', /not-there/],
    [await module('empty.mjs', 'export default [];\n'), /cannot be used/],
    [await module('twice.mjs', 'const s = { name: "a", run: () => 1 };\nexport default [s, s];\n'), /cannot be used/],
    [await module('syntax.mjs', 'export default [\n'), /cannot be used/],
  ];
  await inPairs(cases, ([PIPELINE_MODULE, line]) =>
    expectRefusal(system, { app: 'worker', args: [], env: { PIPELINE_MODULE }, code: 2, lines: [line] }),
  );
});

test('a folder for documents that cannot be made: exit 2', async () => {
  await mkdir(join(system.folder, 'taken'), { recursive: true });
  await writeFile(join(system.folder, 'taken', 'file'), '');
  const env = { OUTPUT_DIR: join(system.folder, 'taken', 'file', 'below') };
  await expectRefusal(system, { app: 'worker', args: ['--burst'], env, code: 2, lines: [/OUTPUT_DIR/] });
});

test('two workers of one name: the second ends with 1 naming it, the first lives on; a dead one frees its name', async () => {
  const first = await system.worker('twin');
  await expectRefusal(system, {
    app: 'worker',
    args: ['--name', 'twin'],
    code: 1,
    lines: [/^error: a worker named twin is alive/],
  });
  expect(await system.monitor('workers')).toMatchObject([{ name: 'twin', pid: first.pid }]);
  first.signal('SIGKILL');
  await first.exited;
  const heir = await system.worker('twin');
  expect(await system.monitor('workers')).toMatchObject([{ name: 'twin', pid: heir.pid }]);
  await heir.stop();
});

test('a port for health and metrics that is taken: exit 1, naming it', async () => {
  const env = { OPS_PORT: String(system.redis.port) };
  await inPairs(
    [
      { app: 'worker' as const, args: ['--burst'] },
      { app: 'poller' as const, args: ['--once', '--source', 'file:there.ndjson'] },
    ],
    (call) => expectRefusal(system, { ...call, env, code: 1, lines: [new RegExp(`port ${env.OPS_PORT} is taken`)] }),
  );
});
