/**
 * One jobhive for one test: a Redis of its own, a migrated database, a folder, and the environment that points the built
 * programs at them. What a test does it does through those programs; the stores are there to be looked at. stop() ends
 * whatever was started, and removes all of it.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  runProgram,
  startProgram,
  testDatabase,
  testRedis,
  type ProgramResult,
  type StartedProgram,
  type TestDatabase,
  type TestRedis,
} from '@jobhive/test-kit';
import { ndjson, type PostingLine } from './postings.ts';
import { pipelineFile, programFile, type App } from './programs.ts';
import { recordOf, type Recorded } from './record.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface SystemOptions {
  /** Of `pipelines/`; default the built-in one. */
  readonly pipeline?: string;
  readonly env?: Environment;
}

export interface System {
  readonly redis: TestRedis;
  readonly database: TestDatabase;
  readonly record: Recorded;
  readonly folder: string;
  readonly outputDir: string;
  readonly env: Environment;
  /** Runs to the end. */
  run(app: App, args: readonly string[], env?: Environment): Promise<ProgramResult>;
  start(app: App, args?: readonly string[], env?: Environment): StartedProgram;
  /** A command of monitor-cli that has to succeed, with --json: its document. */
  monitor<T>(...args: readonly string[]): Promise<T>;
  /** A worker that has said that it is started. */
  worker(name: string, args?: readonly string[], env?: Environment): Promise<StartedProgram>;
  /** Writes a postings file and polls it once. @returns ids of all jobs, in order of discovery */
  discover(lines: readonly PostingLine[], fileName?: string): Promise<readonly string[]>;
  /** A file that stages may wait for. */
  openGate(name?: string): Promise<void>;
  /** What stages wrote into the ledger, in order. */
  ledger(): Promise<readonly LedgerLine[]>;
  /** Visible files of OUTPUT_DIR. */
  documents(): Promise<readonly string[]>;
  /** Can be called twice. */
  stop(): Promise<void>;
}

export interface LedgerLine {
  readonly job_id: string;
  readonly stage: string;
  readonly attempt: number;
  readonly pid: number;
  readonly at: number;
}

export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const folder = await mkdtemp(join(tmpdir(), 'jobhive-scenario-'));
  const [redis, database] = await Promise.all([
    testRedis(),
    testDatabase({ migrate: migrateByProgram, history: 'whole' }),
  ]);
  const started = new Set<StartedProgram>();
  const outputDir = join(folder, 'output');
  const ledgerFile = join(folder, 'ledger');
  const stores = { REDIS_URL: redis.url, DATABASE_URL: database.url };
  const folders = { OUTPUT_DIR: outputDir, SCENARIO_FOLDER: folder, SCENARIO_LEDGER: ledgerFile };
  const PIPELINE_MODULE = options.pipeline === undefined ? undefined : pipelineFile(options.pipeline);
  const env: Environment = { ...stores, ...folders, PIPELINE_MODULE, ...options.env };
  const record = recordOf(database);
  const run: System['run'] = (app, args, more = {}) =>
    runProgram(programFile(app), args, { env: { ...env, ...more }, cwd: folder });
  const start: System['start'] = (app, args = [], more = {}) => {
    const program = startProgram(programFile(app), args, { env: { ...env, ...more }, cwd: folder });
    started.add(program);
    return program;
  };
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all([...started].map((program) => end(program)));
    await Promise.all([redis.stop(), database.drop()]);
    await rm(folder, { recursive: true, force: true });
  };
  return {
    redis,
    database,
    record,
    folder,
    outputDir,
    env,
    run,
    start,
    monitor: async <T>(...args: readonly string[]) => {
      const { code, stdout, stderr } = await run('monitor-cli', [...args, '--json']);
      if (code !== 0) throw new Error(`monitor-cli ${args.join(' ')} ended with ${String(code)}: ${stderr}`);
      return JSON.parse(stdout) as T; // the caller says which document it asked for
    },
    worker: async (name, args = [], more = {}) => {
      const program = start('worker', ['--name', name, ...args], more);
      await program.waitForLine(/worker started/, 30_000);
      return program;
    },
    discover: async (lines, fileName = 'postings.ndjson') => {
      await writeFile(join(folder, fileName), ndjson(lines));
      const { code, stderr } = await run('poller', ['--once', '--source', `file:${fileName}`]);
      if (code !== 0) throw new Error(`poller ended with ${String(code)}: ${stderr}`);
      return record.jobIds();
    },
    openGate: (name = 'gate') => writeFile(join(folder, name), ''),
    ledger: () => readLedger(ledgerFile),
    documents: async () => (await readdir(outputDir)).filter((name) => !name.startsWith('.')).sort(),
    stop: () => (stopped ??= stop()),
  };
}

/** Runs work with a system of its own, and takes it down whatever comes of it. */
export async function withSystem(options: SystemOptions, work: (system: System) => Promise<void>): Promise<void> {
  const system = await startSystem(options);
  try {
    await work(system);
  } finally {
    await system.stop();
  }
}

async function migrateByProgram(url: string): Promise<void> {
  const { code, stderr } = await runProgram(programFile('monitor-cli'), ['migrate'], { env: { DATABASE_URL: url } });
  if (code !== 0) throw new Error(`migrate ended with ${String(code)}: ${stderr}`);
}

/** The test is over: no order is owed to a program any more. */
async function end(program: StartedProgram): Promise<void> {
  program.signal('SIGKILL');
  await program.exited;
}

async function readLedger(file: string): Promise<readonly LedgerLine[]> {
  const text = await readFile(file, 'utf8').catch(() => ''); // no stage has run
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerLine); // as pipelines/ledger.mjs writes it
}
