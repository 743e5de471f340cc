// How quick the questions of people are with a million jobs and 100,000 dead letters. Started by hand, never in CI:
//   npx tsx libs/db/test/million/main.ts [--jobs 1000000] [--rounds 20]
// The first run makes the record in .state/million (minutes), later ones find it there and bring its schema up to date. Prints a
// table: p50 and p95 of the question alone, and of the whole command in a process of its own where dist/ holds one; then the
// first page of the dashboard. Exit 1 where a bound does not hold.

import { freePort, startPrivatePostgres, startPrivateRedis, waitFor } from '@jobhive/test-kit';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import pg from 'pg';
import { openDatabase } from '../../src/connect/database.ts';
import { migrate } from '../../src/migrate.ts';
import { createTrackingRepository } from '../../src/tracking-repository.ts';
import { RARE_WORD, seedMillion } from './seed-million.ts';

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '20' } },
});
const [jobs, rounds] = [Number(values.jobs), Number(values.rounds)];
const root = join(import.meta.dirname, '../../../..');
const program = join(root, 'dist/apps/monitor-cli/main.js');
/** p95 of the question, in ms. */
const BOUNDS: Readonly<Record<string, number>> = { status: 300, jobs: 500, 'failed groups': 500, why: 500 };
const FIRST_PAGE_MS_MAX = 1000;
const SETTLED_MS = 40_000;
const REST_MS = 130_000;
const REST_PART_MAX = 0.01;
const TICKS_A_SECOND = 100;
const FIRST_PAGE = ['/', '/page.js', '/page.css', '/api/status', '/api/history?hours=1', '/api/failed/groups'];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Question {
  readonly name: string;
  readonly words: readonly string[];
  readonly ask: () => Promise<unknown>;
}

function percentile(times: readonly number[], part: number): string {
  const sorted = [...times].sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(0);
}

async function timesOf(count: number, ask: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const from = performance.now();
    await ask();
    times.push(performance.now() - from);
  }
  return times;
}

async function seeded(url: string): Promise<void> {
  await migrate(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query('SELECT FROM jobs LIMIT 1');
    if (rows.length > 0) {
      await client.query('VACUUM (ANALYZE)');
      return;
    }
    const from = performance.now();
    await seedMillion(client, jobs, (step) => say(`${step} after ${((performance.now() - from) / 1000).toFixed(0)} s`));
  } finally {
    await client.end();
  }
}

function questions(
  url: string,
  ids: Readonly<Record<string, string>>,
): { all: Question[]; close: () => Promise<void> } {
  const database = openDatabase({ url, statementTimeoutMs: 60_000 });
  const repository = createTrackingRepository(database);
  const search = (
    name: string,
    words: readonly string[],
    by: Omit<Parameters<typeof repository.searchJobs>[0], 'limit'> & { limit?: number },
  ): Question => ({
    name: `jobs ${name}`,
    words: ['jobs', ...words],
    ask: () => repository.searchJobs({ limit: 50, ...by }),
  });
  const text = (words: string): Question => search(`--text "${words}"`, ['--text', words], { text: words });
  const why = (name: string): Question => ({
    name: `why (${name})`,
    words: ['why', ids[name] ?? ''],
    ask: async () => {
      const [job] = await Promise.all([
        repository.findJob(ids[name] ?? ''),
        repository.timeline(ids[name] ?? ''),
        repository.queueStateFacts(),
      ]);
      await Promise.all([repository.systemEventsSince(new Date(0)), repository.jobsAhead(job?.queueSeq ?? 0)]);
    },
  });
  const all = [
    { name: 'status', words: ['status'], ask: () => repository.figures() },
    search('', [], {}),
    ...['engineer', 'senior rust acme', RARE_WORD, 'go', 'c++', 'xq', 'q', 'nowhere', 'a1b2c3', 'acme a1b2c3'].map(
      text,
    ),
    search('--status failed', ['--status', 'failed'], { status: 'failed' }),
    search('--status cancelled', ['--status', 'cancelled'], { status: 'cancelled' }),
    search('--status processing', ['--status', 'processing'], { status: 'processing' }),
    search('--status discovered', ['--status', 'discovered'], { status: 'discovered' }),
    search('--status failed --text nowhere', ['--status', 'failed', '--text', 'nowhere'], {
      status: 'failed',
      text: 'nowhere',
    }),
    search('--source file:other', ['--source', 'file:other'], { source: 'file:other' }),
    search('--text acme --limit 1000', ['--text', 'acme', '--limit', '1000'], { text: 'acme', limit: 1000 }),
    search('--since 1s', ['--since', '1s'], { since: new Date(Date.now() - 1000) }),
    { name: 'failed list', words: ['failed'], ask: () => repository.deadLetters(50) },
    { name: 'failed groups', words: ['failed', 'groups'], ask: () => repository.deadLetterGroups() },
    { name: 'retry of one group, ids', words: [], ask: () => repository.deadLetterIds(ids['fingerprint'] ?? '') },
    { name: 'enqueue --discovered, first page', words: [], ask: () => repository.discoveredPage(0, 1000) },
    why('processed'),
    why('failed'),
    why('queued'),
  ];
  return { all, close: () => database.close() };
}

async function sampleIds(url: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const one = async (status: string): Promise<string> =>
    (
      await client.query<{ job_id: string }>(
        `SELECT job_id FROM application_tracking WHERE status = $1 ORDER BY queue_seq DESC LIMIT 1`,
        [status],
      )
    ).rows[0]?.job_id ?? '';
  const [processed, failed, queued] = [await one('processed'), await one('failed'), await one('queued')];
  const { rows } = await client.query<{ f: string }>(
    `SELECT error_info->>'fingerprint' AS f FROM application_tracking WHERE job_id = $1`,
    [failed],
  );
  await client.end();
  return { processed, failed, queued, fingerprint: rows[0]?.f ?? '' };
}

function boundOf(name: string): number | undefined {
  return Object.entries(BOUNDS).find(([question]) => name.startsWith(question))?.[1];
}

function broken(line: string): void {
  say(`DOES NOT HOLD  ${line}`);
  process.exitCode = 1;
}

/** All that a browser asks for before it shows the overview, at once, as it does. */
async function firstPage(env: NodeJS.ProcessEnv): Promise<void> {
  const port = await freePort();
  const address = `http://127.0.0.1:${String(port)}`;
  const dashboard = execFile(process.execPath, [program, 'dashboard', '--port', String(port)], { env });
  try {
    await waitFor(
      'the dashboard to answer',
      () =>
        fetch(address).then(
          ({ ok }) => ok,
          () => false,
        ),
      { timeoutMs: 20_000 },
    );
    const load = (): Promise<unknown> =>
      Promise.all(FIRST_PAGE.map(async (path) => (await fetch(`${address}${path}`)).arrayBuffer()));
    const times = await timesOf(rounds, load);
    const [p50, p95] = [percentile(times, 0.5), percentile(times, 0.95)];
    say(`${'dashboard, first page'.padEnd(36)} ${p50.padStart(9)} ${p95.padStart(9)}`);
    if (Number(p95) > FIRST_PAGE_MS_MAX) broken(`dashboard, first page: p95 ${p95} ms`);
    await atRest(address, dashboard.pid ?? 0, env['DATABASE_URL'] ?? '');
  } finally {
    dashboard.kill();
  }
}

/** With one reader of its stream, once nothing has happened for long: what the dashboard and its sessions of Postgres use. */
async function atRest(address: string, pid: number, postgresUrl: string): Promise<void> {
  const reading = new AbortController();
  const stream = await fetch(`${address}/api/events`, { signal: reading.signal });
  const read = stream.body?.pipeTo(new WritableStream()).catch(() => undefined); // ended below
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  const used = async (): Promise<number> => {
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'jobhive-%'`,
    );
    const ticks = await Promise.all([pid, ...rows.map((row) => row.pid)].map(ticksOf));
    return ticks.reduce((sum, one) => sum + one, 0);
  };
  await sleep(SETTLED_MS);
  const [from, fromMs] = [await used(), performance.now()];
  await sleep(REST_MS);
  const part = ((await used()) - from) / TICKS_A_SECOND / ((performance.now() - fromMs) / 1000);
  say(`${'dashboard at rest, with Postgres'.padEnd(36)} ${(part * 100).toFixed(2)} % of a core`);
  if (part > REST_PART_MAX) broken(`dashboard at rest: ${(part * 100).toFixed(2)} % of a core`);
  await client.end();
  reading.abort();
  await read;
}

/** User and system time; 0 where the process has ended. */
async function ticksOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
  const [utime = 0, stime = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
  return utime + stime;
}

async function measure(postgresUrl: string, redisUrl: string): Promise<void> {
  const { all, close } = questions(postgresUrl, await sampleIds(postgresUrl));
  const env = { ...process.env, DATABASE_URL: postgresUrl, REDIS_URL: redisUrl };
  say(`${'question'.padEnd(36)} alone p50   p95   command p50   p95   ms`);
  for (const { name, words, ask } of all) {
    await ask(); // what is measured is a server at work, not one that has just begun
    const alone = await timesOf(rounds, ask);
    const run = (): Promise<unknown> =>
      promisify(execFile)(process.execPath, [program, ...words, '--json'], { env, maxBuffer: 1e9 });
    const whole =
      words.length > 0 && existsSync(program) ? await timesOf(Math.min(3, rounds), run).catch(() => []) : []; // it is being built anew
    const p95 = Number(percentile(alone, 0.95));
    const bound = boundOf(name);
    if (bound !== undefined && p95 > bound)
      broken(`${name}: p95 ${String(p95)} ms, at most ${String(bound)} ms is wanted`);
    const figures = [
      percentile(alone, 0.5),
      percentile(alone, 0.95),
      ...(whole.length > 0 ? [percentile(whole, 0.5), percentile(whole, 0.95)] : []),
    ];
    say(`${name.padEnd(36)} ${figures.map((figure) => figure.padStart(9)).join(' ')}`);
  }
  await close();
  if (existsSync(program)) await firstPage(env);
}

const postgres = await startPrivatePostgres({ dataDir: join(root, '.state/million'), password: 'million' });
const redis = await startPrivateRedis();
try {
  await seeded(postgres.url);
  await measure(postgres.url, redis.url);
} finally {
  await postgres.stop();
  await redis.remove();
}
