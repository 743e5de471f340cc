// The command layer over a Redis and a database of the test's own: words in, exit code and both streams out, as main.ts
// would run them (but for the line on stderr, which is runProgram's: here the error itself is given).
import { randomUUID } from 'node:crypto';
import { ShutdownRequested } from '@jobhive/config';
import { createTrackingRepository, migrate, openDatabase, type Outcome, type TrackingRepository } from '@jobhive/db';
import { testDatabase, testRedis, type TestDatabase, type TestRedis } from '@jobhive/test-kit';
import { runCommandLine } from '../src/run-command-line.ts';
import { Terminal } from './terminal.ts';

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly error: Error | undefined;
  /** The one document on stdout. Its shape is what the test is about. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any;
}

export interface System {
  readonly redis: TestRedis;
  readonly database: TestDatabase;
  readonly repository: TrackingRepository;
  readonly env: NodeJS.ProcessEnv;
  run(words: readonly string[], env?: NodeJS.ProcessEnv, shutdown?: AbortSignal): Promise<Answer>;
  /** With --json. */
  ask(...words: readonly string[]): Promise<Answer>;
  discover(count: number, title?: string): Promise<string[]>;
  /** A claim by a worker that is not there, settled as told. */
  settle(jobId: string, outcome: Exclude<Outcome, { kind: 'stale' }>): Promise<void>;
  claim(jobId: string): Promise<string>;
  stop(): Promise<void>;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ShutdownRequested) return 0; // an end in good order, as runProgram takes it
  const code: unknown = error instanceof Error ? Reflect.get(error, 'exitCode') : undefined;
  return typeof code === 'number' ? code : 1;
}

async function answerOf(words: readonly string[], env: NodeJS.ProcessEnv, shutdown: AbortSignal): Promise<Answer> {
  const [stdout, stderr] = [new Terminal(), new Terminal()];
  let error: Error | undefined;
  const code = await runCommandLine(words, { stdout, stderr, env, shutdown }).catch((thrown: unknown) => {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
    return exitCodeOf(thrown);
  });
  const texts = { stdout: stdout.text, stderr: stderr.text };
  return {
    code,
    error,
    ...texts,
    get json() {
      return JSON.parse(texts.stdout) as unknown;
    },
  };
}

export async function startSystem(): Promise<System> {
  const redis = await testRedis();
  const database = await testDatabase({ migrate: async (url) => void (await migrate(url)) });
  const db = openDatabase({ url: database.url });
  const repository = createTrackingRepository(db);
  const env = { REDIS_URL: redis.url, DATABASE_URL: database.url, LOG_FORMAT: 'json' };
  const never = new AbortController().signal;
  const holder = { id: randomUUID(), sessionKey: null, workerName: 'w1', leaseMs: 30_000 };
  let made = 0;
  const claim = async (jobId: string): Promise<string> => {
    const token = randomUUID();
    const [answer] = await repository.claim([{ jobId, token }], holder);
    if (answer?.verdict !== 'won') throw new Error(`claim of ${jobId}: ${String(answer?.verdict)}`);
    return token;
  };
  return {
    redis,
    database,
    repository,
    env,
    claim,
    run: (words, more = {}, shutdown = never) => answerOf(words, { ...env, ...more }, shutdown),
    ask: (...words) => answerOf([...words, '--json'], env, never),
    discover: async (count, title = 'Title') => {
      const postings = Array.from({ length: count }, () => ({
        external_id: String((made += 1)),
        title: `${title} ${String(made)}`,
        company: 'Acme',
      }));
      const found = await repository.discover({ source: 'file:test', postings, autoEnqueue: false });
      return found.map((one) => one.jobId);
    },
    settle: async (jobId, outcome) => {
      await repository.settle([{ jobId, token: await claim(jobId), outcome }]);
    },
    stop: async () => {
      await db.close();
      await database.drop();
      await redis.stop();
    },
  };
}

/** As the worker writes it. */
export function failure(name: string, fingerprint: string, stage = 'match'): Exclude<Outcome, { kind: 'stale' }> {
  const entry = {
    name,
    message: `${name} of the test`,
    stack: `${name}: of the test\n    at here`,
    stage,
    attempt: 1,
    worker_name: 'w1',
    at: new Date().toISOString(),
    fingerprint,
    reason: 'error' as const,
  };
  return { kind: 'failed', error: { ...entry, previous: [] } };
}
