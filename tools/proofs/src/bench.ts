/**
 * What every proof stands on: a private Redis and Postgres, a migrated database, the queue as a producer sees it, and workers
 * as processes of the built program. stop() ends all of it. Nothing of it touches a server that was running before.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger, readEnvironment } from '@jobhive/config';
import { migrate } from '@jobhive/db';
import { openQueue, type OpenQueue } from '@jobhive/queue';
import {
  startPrivatePostgres,
  startProgram,
  testDatabase,
  testRedis,
  type StartedProgram,
  type TestDatabase,
  type TestRedis,
} from '@jobhive/test-kit';

const DIST = process.env['JOBHIVE_DIST'] ?? fileURLToPath(new URL('../../../dist/apps', import.meta.url));
const PIPELINE = fileURLToPath(new URL('../pipelines/stages.mjs', import.meta.url));
const POSTGRES = 'JOBHIVE_TEST_DATABASE_URL';
const CHUNK = 2_500;

export interface Bench {
  readonly redis: TestRedis;
  readonly database: TestDatabase;
  readonly open: OpenQueue;
  readonly ledger: string;
  /** The first column of the first row. */
  value<T>(sql: string, parameters?: readonly unknown[]): Promise<T>;
  rows<T>(sql: string, parameters?: readonly unknown[]): Promise<readonly T[]>;
  /** Discovers and enqueues so many; their ids in order. */
  enqueue(count: number): Promise<readonly string[]>;
  discover(count: number): Promise<readonly string[]>;
  /** Has said that it is started. */
  worker(name: string, args?: readonly string[], env?: Readonly<Record<string, string>>): Promise<StartedProgram>;
  /** Serves on this port of this machine. */
  dashboard(port: number): Promise<StartedProgram>;
  stop(): Promise<void>;
}

export interface BenchOptions {
  /** Environment of the workers, and of the producer. */
  readonly env?: Readonly<Record<string, string>>;
  /** Redis with an append-only file; default without, so that a restart empties it. */
  readonly appendonly?: boolean;
}

export async function openBench({ env = {}, appendonly = false }: BenchOptions = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'jobhive-proof-'));
  const { database, redis, removeStores } = await startStores(appendonly);
  const ledger = join(folder, 'ledger');
  const settings = {
    REDIS_URL: redis.url,
    DATABASE_URL: database.url,
    OUTPUT_DIR: join(folder, 'output'),
    PIPELINE_MODULE: PIPELINE,
    ENQUEUE_RATE_LIMIT: '0',
    LEDGER: ledger,
    LOG_FORMAT: 'json',
    ...env,
  };
  const open = openQueue({
    environment: readEnvironment(settings),
    log: createLogger({ level: 'error', format: 'json' }),
    role: 'operator',
  });
  await open.redis.ready(5_000);
  const started = new Set<StartedProgram>();
  const start = async (app: string, args: readonly string[], saysSo: RegExp, more = {}): Promise<StartedProgram> => {
    const program = startProgram(builtProgram(app), args, { env: { ...settings, ...more }, cwd: folder });
    started.add(program);
    void program.exited.then(() => started.delete(program));
    await program.waitForLine(saysSo, 60_000);
    return program;
  };
  return {
    redis,
    database,
    open,
    ledger,
    ...questions(database),
    ...producer(open),
    worker: (name, args = [], env = {}) => start('worker', ['--name', name, ...args], /worker started/, env),
    dashboard: (port) => start('monitor-cli', ['dashboard', '--port', String(port)], /http:/),
    stop: async () => {
      for (const program of started) program.signal('SIGKILL');
      await Promise.all([...started].map(({ exited }) => exited));
      await open.stop();
      await removeStores();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function builtProgram(app: string): string {
  const file = join(DIST, app, 'main.js');
  if (existsSync(file)) return file;
  throw new Error(`${app} is not built: run \`npx nx build ${app}\``);
}

/** Under vitest the run's own Postgres, else one for this bench. */
async function startStores(appendonly: boolean): Promise<{
  database: TestDatabase;
  redis: TestRedis;
  removeStores: () => Promise<void>;
}> {
  const postgres = process.env[POSTGRES] ? undefined : await startPrivatePostgres();
  if (postgres !== undefined) process.env[POSTGRES] = postgres.url;
  const database = await testDatabase({ migrate: async (url) => void (await migrate(url)), history: 'whole' });
  const redis = await testRedis({ appendonly });
  const removeStores = async (): Promise<void> => {
    await redis.stop();
    await database.drop();
    if (postgres === undefined) return;
    Reflect.deleteProperty(process.env, POSTGRES);
    await postgres.remove();
  };
  return { database, redis, removeStores };
}

function questions({ client }: TestDatabase): Pick<Bench, 'value' | 'rows'> {
  const rows: Bench['rows'] = async <T>(sql: string, parameters: readonly unknown[] = []) =>
    (await client.query(sql, [...parameters])).rows as readonly T[]; // the caller says what it selects
  const value: Bench['value'] = async <T>(sql: string, parameters: readonly unknown[] = []) => {
    const [row] = await rows<Readonly<Record<string, T>>>(sql, parameters);
    return Object.values(row ?? {})[0] as T; // as above
  };
  return { rows, value };
}

function producer({ repository, queue }: OpenQueue): Pick<Bench, 'discover' | 'enqueue'> {
  let sequence = 0;
  const discover = async (count: number): Promise<readonly string[]> => {
    const ids: string[] = [];
    while (ids.length < count) {
      const length = Math.min(CHUNK, count - ids.length);
      const postings = Array.from({ length }, () => ({
        external_id: String((sequence += 1)),
        title: 'T',
        company: 'C',
      }));
      const made = await repository.discover({ source: 'proof', postings, autoEnqueue: false });
      ids.push(...made.map(({ jobId }) => jobId));
    }
    return ids;
  };
  const enqueue = async (count: number): Promise<readonly string[]> => {
    const ids = await discover(count);
    for (let from = 0; from < ids.length; from += CHUNK) await queue.enqueueJobs(ids.slice(from, from + CHUNK));
    return ids;
  };
  return { discover, enqueue };
}
