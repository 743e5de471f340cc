import { ConfigurationError, ShutdownRequested, UsageError } from '@jobhive/config';
import { createTrackingRepository } from '@jobhive/db';
import { testRedis, testServerUrl, waitFor, watchForLeaks, type TestRedis } from '@jobhive/test-kit';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../src/run-command.ts';
import { testRecord, type TestRecord } from './record.ts';

let record: TestRecord;
let redis: TestRedis;
let folder: string;
beforeAll(async () => {
  [record, redis, folder] = await Promise.all([testRecord(), testRedis(), mkdtemp(join(tmpdir(), 'jobhive-poller-'))]);
});
afterAll(async () => {
  await Promise.all([record.end(), redis.stop(), rm(folder, { recursive: true })]);
});
beforeEach(async () => {
  await redis.clean();
  await record.client.query(
    'truncate jobs, application_tracking, job_events, source_states, rejected_postings, leases cascade',
  );
  await record.client.query('update enqueue_budget set used = 0, used_before = 0');
});

interface Run {
  readonly ended: Promise<void>;
  readonly stop: () => void;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

function start(line: string, env: NodeJS.ProcessEnv = {}): Run {
  const stopping = new AbortController();
  const printed: string[] = [];
  let logged = '';
  const stderr = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      logged += chunk.toString();
      done();
    },
  });
  const ended = runCommand({
    args: line.split(' ').filter((word) => word !== ''),
    env: { DATABASE_URL: record.url, REDIS_URL: redis.url, RQ_QUEUE_NAME: redis.queueName, ...env },
    print: (text) => printed.push(text),
    stderr,
    shutdown: stopping.signal,
  });
  ended.catch(() => undefined); // each test awaits it, some of them later
  return {
    ended,
    stop: () => {
      stopping.abort(new ShutdownRequested('the test'));
    },
    stdout: () => printed.join('\n'),
    stderr: () => logged,
  };
}
async function run(line: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const program = start(line, env);
  await program.ended;
  return program.stdout();
}

async function file(name: string, postings: readonly unknown[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, postings.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n'));
  return `file:${path}`;
}
const one = { external_id: 1, title: 'Baker', company: 'Rye' };
const two = { external_id: 2, title: 'Nurse', company: 'St. Alder' };
const statuses = async (): Promise<Record<string, number>> => {
  const { rows } = await record.client.query<{ status: string; n: string }>(
    'select status, count(*) as n from application_tracking group by status',
  );
  return Object.fromEntries(rows.map(({ status, n }) => [status, Number(n)]));
};
/** A port on which nothing listens. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('poller --once', () => {
  it('tells bad lines by number, keeps the good ones, and sums up', async () => {
    const source = await file('bad.ndjson', [one, 'no json', '', two, '{"external_id":3}']);
    const lines = (await run(`--once --source ${source}`)).split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^line 2: not valid JSON/),
      'line 5: title is missing; company is missing',
      `${source}: 2 new, 0 updated, 0 unchanged, 2 rejected`,
    ]);
    expect(await statuses()).toEqual({ discovered: 2 });
  });

  it('finds nothing new the second time', async () => {
    const source = await file('again.json', [[one, two]]);
    await run(`--once --source ${source}`);
    expect(await run('--once', { POLL_SOURCES: source })).toBe(`${source}: 0 new, 0 updated, 2 unchanged, 0 rejected`);
  });

  it('takes --source before POLL_SOURCES', async () => {
    const source = await file('mine.json', [[one]]);
    expect(await run(`--once -s ${source}`, { POLL_SOURCES: 'gopher:x' })).toContain('1 new');
  });

  it('needs no Redis where it does not enqueue', async () => {
    const source = await file('plain.json', [[one]]);
    const away = `redis://127.0.0.1:${String(await deadPort())}`;
    expect(await run(`--once -s ${source}`, { REDIS_URL: away })).toContain('1 new');
  });

  it('needs Redis where it enqueues, and then changes nothing without it', async () => {
    const source = await file('auto.json', [[one]]);
    const away = `redis://127.0.0.1:${String(await deadPort())}`;
    const begunMs = performance.now();
    await expect(run(`--once --auto-enqueue -s ${source}`, { REDIS_URL: away })).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('Redis') as string,
    });
    expect(performance.now() - begunMs).toBeLessThan(15_000);
    expect(await statuses()).toEqual({});
  });

  it('ends with 1 within its time where Postgres is away', async () => {
    const source = await file('pg.json', [[one]]);
    const url = `postgres://u:secret@127.0.0.1:${String(await deadPort())}/db`;
    const begunMs = performance.now();
    const failure: unknown = await run(`--once -s ${source}`, { DATABASE_URL: url }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ exitCode: 1, code: 'postgres_away' });
    expect(String(failure)).not.toContain('secret');
    expect(performance.now() - begunMs).toBeLessThan(15_000);
  });

  it('names the command `migrate` where the database is empty', async () => {
    const source = await file('empty.json', [[one]]);
    const failure = run(`--once -s ${source}`, { DATABASE_URL: testServerUrl() });
    await expect(failure).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining('migrate') as string });
  });

  it('enqueues what it inserts, and what an earlier poll had to leave, in the order of discovery', async () => {
    const source = await file('left.json', [[one]]);
    await createTrackingRepository(record.database).discover({
      source: 'file:earlier',
      postings: [{ external_id: 'left', title: 'Left', company: 'Behind' }],
      autoEnqueue: true,
    });
    await createTrackingRepository(record.database).discover({
      source: 'file:earlier',
      postings: [{ external_id: 'not asked', title: 'Wait', company: 'Here' }],
      autoEnqueue: false,
    });
    await run(`--once -s ${source}`, { ENABLE_AUTO_ENQUEUE: 'true' });
    const { rows } = await record.client.query<{ external_id: string }>(
      `select external_id from jobs join application_tracking on job_id = id where status = 'queued' order by queue_seq`,
    );
    expect(rows.map((row) => row.external_id)).toEqual(['left', '1']);
    expect(await statuses()).toEqual({ discovered: 1, queued: 2 });
    expect(await redis.client.llen(`bq:${redis.queueName}:waiting`)).toBe(2);
  });

  it('makes no second job of a posting that stands twice', async () => {
    const source = await file('twice.ndjson', [one, one]);
    expect(await run(`--once --auto-enqueue -s ${source}`)).toContain('1 new, 0 updated, 1 unchanged');
    expect(await statuses()).toEqual({ queued: 1 });
  });

  it('enqueues nothing with --no-auto-enqueue, whatever the environment says', async () => {
    const source = await file('no.json', [[one]]);
    await run(`--once --no-auto-enqueue -s ${source}`, { ENABLE_AUTO_ENQUEUE: 'true' });
    expect(await statuses()).toEqual({ discovered: 1 });
  });

  it('polls the others where a file is not there, and then fails', async () => {
    const source = await file('there.json', [[one]]);
    const program = start(`--once -s file:${folder}/nowhere -s ${source}`);
    await expect(program.ended).rejects.toMatchObject({ exitCode: 1, code: 'poll_failed' });
    expect(program.stdout()).toBe(`${source}: 1 new, 0 updated, 0 unchanged, 0 rejected`);
  });

  it('ends as asked when it is interrupted, here while it waits for the enqueue budget', async () => {
    const source = await file('budget.json', [[one, two]]);
    const program = start(`--once --auto-enqueue -s ${source}`, { ENQUEUE_RATE_LIMIT: '1' });
    await waitFor('the first to be queued', async () => (await statuses())['queued'] === 1);
    program.stop();
    await expect(program.ended).rejects.toThrow(ShutdownRequested);
    expect(await statuses()).toEqual({ queued: 1, discovered: 1 });
  });

  it('leaves nothing behind', async () => {
    const source = await file('leak.json', [[one]]);
    const leaks = watchForLeaks();
    await run(`--once --auto-enqueue -s ${source}`);
    await leaks.assertNothingLeft(5_000);
  });
});

describe('poller', () => {
  it('polls again and again, serves health and metrics, and stops in order', async () => {
    const source = await file('long.json', [[one]]);
    const port = await deadPort();
    const program = start(`--auto-enqueue -s ${source}`, { POLL_INTERVAL: '1', OPS_PORT: String(port) });
    await waitFor('the first poll', () => program.stdout().includes('1 new'), { describe: program.stderr });
    await file('long.json', [[one, two]]);
    await waitFor('what came later', async () => (await statuses())['queued'] === 2, { describe: program.stdout });
    const answer = (path: string) => fetch(`http://127.0.0.1:${String(port)}${path}`);
    expect((await answer('/readyz')).status).toBe(200);
    const metrics = await (await answer('/metrics')).text();
    expect(metrics).toMatch(/jobhive_polls_total\{source="file:[^"]+",outcome="succeeded"\} [1-9]/);
    expect(metrics).toMatch(/jobhive_postings_total\{source="file:[^"]+",kind="new"\} 2/);
    program.stop();
    await program.ended;
    expect(await record.count('select count(*) from leases')).toBe(0);
  });

  it('tells of jobs that wait while no worker lives', { timeout: 40_000 }, async () => {
    const source = await file('stuck.json', [[one]]);
    await run(`--once --auto-enqueue -s ${source}`);
    await record.client.query(`update application_tracking set queued_at = queued_at - interval '1 min'`);
    await record.client.query('delete from system_events'); // just rebuilt, a queue is given time
    const program = start(`-s ${source}`);
    await waitFor('the notice', () => program.stderr().includes('the queue is stuck'), { timeoutMs: 30_000 });
    program.stop();
    await program.ended;
    expect(await record.count(`select count(*) from notices where kind = 'stuck'`)).toBe(1);
  });

  it('ends at once where a file is not there', async () => {
    await expect(run(`-s file:${folder}/nowhere`)).rejects.toMatchObject({ exitCode: 1, code: 'source' });
  });

  it('ends with 1 where the database has no migrations', async () => {
    const source = await file('m.json', [[one]]);
    await expect(run(`-s ${source}`, { DATABASE_URL: testServerUrl() })).rejects.toThrow('migrate');
  });

  it('waits for a service that is away, and ends while it waits', async () => {
    const source = await file('w.json', [[one]]);
    const url = `postgres://u@127.0.0.1:${String(await deadPort())}/db`;
    const program = start(`-s ${source}`, { DATABASE_URL: url });
    await waitFor('it to say so', () => program.stderr().includes('the poller waits for it'));
    program.stop();
    await expect(program.ended).rejects.toThrow(ShutdownRequested);
  });
});

describe('the questions', () => {
  it('show each source, polled or not', async () => {
    const source = await file('s.json', [[one]]);
    await run(`--once -s ${source}`);
    await run(`--once -s file:${folder}/gone`).catch(() => undefined);
    // The document is our own, of the shape of the contract.
    const rows = JSON.parse(await run('sources --json', { POLL_SOURCES: `file:new,${source}` })) as Record<
      string,
      unknown
    >[];
    expect(rows).toEqual([
      {
        source: `file:${folder}/gone`,
        last_success: null,
        next_poll: expect.any(String) as string,
        circuit: 'closed',
        error: expect.stringContaining('no such file') as string,
      },
      {
        source,
        last_success: expect.any(String) as string,
        next_poll: expect.any(String) as string,
        circuit: 'closed',
        error: null,
      },
      { source: 'file:new', last_success: null, next_poll: null, circuit: 'closed', error: null },
    ]);
    expect(await run('sources', { POLL_SOURCES: 'file:new' })).toMatch(
      /^SOURCE .*\n(.*\n)*file:new +never +- +closed +-$/,
    );
  });

  it('show what was set aside', async () => {
    expect(await run('rejected')).toBe('nothing was set aside');
    expect(await run('rejected --json')).toBe('[]');
    const source = await file('r.ndjson', ['{"external_id":9}', '5', 'x']);
    await run(`--once -s ${source}`);
    // As above.
    const rows = JSON.parse(await run('rejected --json --limit 2')) as Record<string, unknown>[];
    expect(rows).toHaveLength(2);
    expect(Object.keys(rows[0] ?? {})).toEqual(['source', 'place', 'external_id', 'reason', 'at']);
    expect(await run('rejected')).toContain('line 1  9            title is missing; company is missing');
  });

  it('need Postgres alone, and say what to do without migrations', async () => {
    const away = `redis://127.0.0.1:${String(await deadPort())}`;
    expect(await run('rejected --json', { REDIS_URL: away })).toBe('[]');
    await expect(run('sources --json', { DATABASE_URL: testServerUrl() })).rejects.toThrow('migrate');
  });
});

describe('wrong usage', () => {
  it('is refused before anything is opened', async () => {
    await expect(run('--nope')).rejects.toThrow(UsageError);
    await expect(run('--once --source gopher:x')).rejects.toThrow(UsageError);
    await expect(run('--once --source file:')).rejects.toThrow(UsageError);
    await expect(run('--once', { POLL_INTERVAL: '0', REDIS_PORT: 'x' })).rejects.toThrow(ConfigurationError);
  });

  it('does not keep the help from being shown', async () => {
    expect(await run('--help', { POLL_INTERVAL: '0' })).toContain('Examples:');
  });
});
