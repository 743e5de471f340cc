/** Contract, "Pipeline modules": what a stage may do, what it may not, and what each is answered with, in one worker. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { logRecords } from '../src/log-records.ts';
import { postings } from '../src/postings.ts';
import { startSystem, withSystem, type System } from '../src/system.ts';

const TITLES = [
  'fine',
  'undefined',
  'permanent',
  'retry after',
  'retry after nothing',
  'no json',
  'too large',
  'bad name',
  'writes a file',
  'exit',
  'heap',
  'throws undefined',
  'nul',
  'process id',
  'sees',
  'logs',
] as const;
type Title = (typeof TITLES)[number];

let system: System;
let ids: ReadonlyMap<Title, string>;
let stderr: string;
let workerPid: number;

beforeAll(async () => {
  system = await startSystem({
    pipeline: 'by-title',
    env: { RQ_MAX_RETRIES: '1', RQ_RETRY_DELAYS: '0', NODE_OPTIONS: '--max-old-space-size=256' },
  });
  const all = await system.discover(
    TITLES.map((title, n) => ({ external_id: n, title, company: 'c', description: '<p>x</p>' })),
  );
  ids = new Map(TITLES.map((title, n) => [title, all[n] ?? '']));
  const worker = await system.worker('all-rounder', ['--concurrency', '2']);
  workerPid = worker.pid;
  await system.monitor('enqueue', '--discovered');
  for (const title of TITLES)
    await system.record.untilEvent(idOf(title), endsWell(title) ? 'processed' : 'failed', 1, 60_000);
  expect(await worker.stop()).toEqual({ code: 0, signal: null }); // whatever the stages did, the worker lived
  stderr = worker.stderr();
});
afterAll(() => system.stop());

const idOf = (title: Title): string => ids.get(title) ?? '';
const endsWell = (title: Title): boolean =>
  ['fine', 'undefined', 'retry after', 'writes a file', 'nul', 'process id', 'sees', 'logs'].includes(title);
const outputOf = async (title: Title): Promise<unknown> =>
  (await system.record.row(idOf(title))).stage_outputs['act']?.output;
const attemptsOf = async (title: Title): Promise<number[]> =>
  (await system.record.events(idOf(title))).filter(({ event }) => event === 'claimed').map(({ attempt }) => attempt);

test('a stage returns JSON, and undefined is null', async () => {
  expect(await outputOf('fine')).toEqual({ fine: true });
  expect(await outputOf('undefined')).toBeNull();
  const { stage_outputs: outputs } = await system.record.row(idOf('fine'));
  expect(outputs['act']).toMatchObject({ attempt: 1, version: 1 });
  expect(outputs['act']?.duration_ms).toBeGreaterThanOrEqual(0);
});

test('a stage sees the job as the contract names it, and a key for its effects', async () => {
  const id = idOf('sees');
  expect(await outputOf('sees')).toEqual({
    job: {
      id,
      source: 'file:postings.ndjson',
      external_id: String(TITLES.indexOf('sees')),
      title: 'sees',
      company: 'c',
      location: null,
      url: null,
      description: '<p>x</p>',
      posted_at: null,
    },
    outputs: {},
    effectKey: expect.any(String) as unknown,
    attempt: 1,
  });
});

test('stages run in threads of the worker', async () => {
  expect(await outputOf('process id')).toEqual({ pid: workerPid });
});

test('NUL and lone surrogates are kept as U+FFFD', async () => {
  expect(await outputOf('nul')).toEqual({ text: 'a\ufffdb\ufffdc' });
});

test.each([
  ['permanent', 'PermanentError', /the posting is gone/],
  ['no json', 'PermanentError', /JSON/],
  ['too large', 'PermanentError', /at most 1048576/],
  ['bad name', 'PermanentError', /path separator|name/],
] as const)('%s goes to the dead-letter queue at once', async (title, name, message) => {
  expect(await attemptsOf(title)).toEqual([1]);
  const { error_info: error } = await system.record.row(idOf(title));
  expect(error).toMatchObject({
    name,
    message: expect.stringMatching(message) as unknown,
    reason: 'error',
    stage: 'act',
    previous: [],
  });
  expect(await system.redis.client.zscore('failed_jobs', idOf(title))).not.toBeNull();
});

test.each([
  ['exit', 'exit'],
  ['heap', 'memory'],
  ['retry after nothing', 'error'],
  ['throws undefined', 'error'],
] as const)('%s is tried again, and ends as failed with reason %s on both attempts', async (title, reason) => {
  expect(await attemptsOf(title)).toEqual([1, 2]);
  const { error_info: error } = await system.record.row(idOf(title));
  expect(error).toMatchObject({ reason, attempt: 2, stage: 'act', previous: [{ reason, attempt: 1 }] });
});

test('RetryAfterError waits as long as it says, and spends no attempt', async () => {
  expect(await attemptsOf('retry after')).toEqual([1, 1, 1]);
  expect(await outputOf('retry after')).toEqual({ attempt: 1 });
  const events = await system.record.events(idOf('retry after'));
  const waits = events.filter(({ event }) => event === 'retry_scheduled');
  expect(waits.map(({ detail }) => detail['delay_seconds'])).toEqual([0.2, 0.2]);
});

test('files.write puts the document under the job id, and leaves nothing else', async () => {
  const name = `${idOf('writes a file')}-letter.md`;
  expect(await system.documents()).toEqual([name]);
  expect(await readFile(join(system.outputDir, name), 'utf8')).toBe('Dear reader\n');
  const hidden = (await readdir(system.outputDir)).filter((entry) => entry.startsWith('.'));
  expect(hidden).toEqual([]);
});

test('what a stage logs is a record with its job, worker and attempt', () => {
  const record = logRecords(stderr).find(({ message }) => message === 'a word from the stage');
  expect(record).toMatchObject({
    job_id: idOf('logs'),
    worker: 'all-rounder',
    attempt: 1,
    figure: 7,
    stage: 'act',
    level: 'info',
  });
});

test('what an error quotes stands in error_info, never in the log', () => {
  expect(stderr).not.toContain('the posting is gone');
  expect(stderr).toContain('PermanentError');
});

test('a stage that spins is ended at its timeout, tried again, and the worker goes on', () =>
  withSystem(
    { pipeline: 'spinning', env: { SPIN_SECONDS: '1', RQ_MAX_RETRIES: '1', RQ_RETRY_DELAYS: '0' } },
    async (own) => {
      const [spins = '', fine = ''] = await own.discover([
        { external_id: 1, title: 'spin', company: 'c' },
        { external_id: 2, title: 'fine', company: 'c' },
      ]);
      await own.monitor('enqueue', spins, fine);
      expect((await own.run('worker', ['--burst'])).code).toBe(0);
      await own.run('worker', ['--burst']); // where the retry was not due yet when the first burst was over
      expect(await own.record.statuses([spins, fine])).toEqual(['failed', 'processed']);
      const { error_info: error } = await own.record.row(spins);
      expect(error).toMatchObject({ reason: 'timeout', stage: 'turn', attempt: 2, previous: [{ reason: 'timeout' }] });
      const [claimed] = (await own.record.events(spins)).filter(({ event }) => event === 'claimed');
      const [retried] = (await own.record.events(spins)).filter(({ event }) => event === 'retry_scheduled');
      expect(Number(retried?.at) - Number(claimed?.at)).toBeGreaterThanOrEqual(1_000);
    },
  ));

test('finished stages are not run again, except from the first whose version changed', () =>
  withSystem({ pipeline: 'versioned', env: { RQ_MAX_RETRIES: '0' } }, async (own) => {
    const [jobId = ''] = await own.discover(postings(1));
    await own.monitor('enqueue', jobId);
    expect((await own.run('worker', ['--burst'])).code).toBe(0);
    expect(await own.record.statuses([jobId])).toEqual(['failed']);
    await own.monitor('retry', '--job-id', jobId);
    await own.openGate('mended');
    expect((await own.run('worker', ['--burst'], { VERSION_OF_SECOND: '2' })).code).toBe(0);
    const { stage_outputs: outputs } = await own.record.row(jobId);
    expect(outputs['third']?.output).toEqual({ first: 'one', second: 'two in version 2' });
    expect(outputs['second']?.version).toBe(2);
    expect((await own.ledger()).map(({ stage }) => stage)).toEqual(['first', 'second', 'third', 'second', 'third']);
  }));

test('what a killed attempt left unfinished is removed at the next claim, and is never under a final name', () =>
  withSystem({ pipeline: 'writing', env: { WORKER_LEASE: '2' } }, async (own) => {
    const [jobId = ''] = await own.discover(postings(1));
    await own.monitor('enqueue', jobId);
    const victim = await own.worker('victim');
    const hiddenFolder = join(own.outputDir, `.${jobId}`);
    const unfinished = async (): Promise<string[]> => readdir(hiddenFolder).catch(() => []); // not begun, or gone
    await expect.poll(unfinished, { timeout: 20_000 }).toHaveLength(1);
    const [left = ''] = await unfinished();
    victim.signal('SIGKILL');
    expect(await own.documents()).toEqual([]);
    await own.worker('successor');
    await own.record.untilEvent(jobId, 'claimed', 2);
    await expect.poll(async () => (await unfinished()).includes(left), { timeout: 20_000 }).toBe(false);
    await own.openGate();
    await own.record.untilStatus([jobId], 'processed');
    expect(await own.documents()).toEqual([`${jobId}-letter.md`]);
    expect(await readFile(join(own.outputDir, `${jobId}-letter.md`), 'utf8')).toBe('attempt 2\n');
    expect((await readdir(own.outputDir)).filter((entry) => entry.startsWith('.'))).toEqual([]);
  }));
