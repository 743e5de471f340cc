/** A worker in this process over stores of its own, for tests of its core: a fake pool runs `stage`, all else is real. */
import { createLogger, createMetrics, readEnvironment, type Environment, type Logger } from '@jobhive/config';
import { migrate, type TrackingRepository } from '@jobhive/db';
import { openQueue, type OpenQueue } from '@jobhive/queue';
import { testDatabase, testRedis, waitFor, type TestDatabase, type TestRedis } from '@jobhive/test-kit';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { assemble, type Assembled, type WorkerParts } from '../src/assemble.ts';
import type { StagePool } from '../src/threads/pool.ts';
import type { StageResult, StageTask } from '../src/threads/stage-task.ts';
import { runWorker } from '../src/worker.ts';

export type RunStage = (task: StageTask) => Promise<StageResult> | StageResult;

export interface WorkerBench {
  readonly database: TestDatabase;
  readonly redis: TestRedis;
  readonly environment: Environment;
  /** The producer's and operator's side. */
  readonly open: OpenQueue;
  readonly log: LoggedEvents;
  /** What writes into it. */
  readonly logger: Logger;
  /** Discovers so many jobs; their ids in order. */
  discover(count: number): Promise<string[]>;
  /** Discovers and enqueues so many jobs; their ids in order. */
  enqueue(count: number): Promise<string[]>;
  /** The stores as a worker opens them, and its parts; closed by close(). */
  parts(options?: {
    stage?: RunStage;
    name?: string;
    slots?: number;
    burst?: boolean;
    env?: Record<string, string>;
    /** Names of the stages; one by default. */
    stages?: readonly string[];
    /** Writes of the repository that fail, or lose their answer, as a test wants it. */
    faults?: (real: TrackingRepository) => Partial<TrackingRepository>;
  }): WorkerParts;
  assembled(options?: Parameters<WorkerBench['parts']>[0]): Assembled;
  assembledOf(parts: WorkerParts): Assembled;
  /** Runs a worker until `stop()`. */
  run(options?: Parameters<WorkerBench['parts']>[0]): RunningWorker;
  runParts(parts: WorkerParts): RunningWorker;
  status(jobId: string): Promise<string | undefined>;
  events(jobId: string): Promise<string[]>;
  until(jobId: string, status: string, timeoutMs?: number): Promise<void>;
  /** The first claim of the job was never made, as after a crash of Postgres, which answers claims before they are on disk. */
  forgetClaim(jobId: string): Promise<void>;
  /** Another worker, named `other`, has the claim from now on. */
  takeOver(jobId: string): Promise<void>;
  close(): Promise<void>;
}

export interface RunningWorker {
  stop(): Promise<void>;
  readonly ended: Promise<void>;
}

export interface LoggedEvents {
  readonly stream: Writable;
  has(event: string): boolean;
  count(event: string): number;
}

function loggedEvents(): LoggedEvents {
  const lines: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  const count: LoggedEvents['count'] = (event) => lines.filter((line) => line.includes(`"event":"${event}"`)).length;
  return { stream, count, has: (event) => count(event) > 0 };
}

/** What a stage that does nothing answers. */
export const nothing: StageResult = { outputJson: 'null', files: [], durationMs: 1 };

/** The address of a server with the port of a proxy before it. */
export function through(url: string, port: number): string {
  const address = new URL(url);
  address.port = String(port);
  return address.href;
}

function poolOf(stage: RunStage): StagePool {
  return { run: async (task) => stage(task), stop: () => Promise.resolve() };
}

function runParts(parts: WorkerParts): RunningWorker {
  const shutdown = new AbortController();
  const ended = parts.open.redis.ready(5000).then(() => runWorker(parts, shutdown.signal));
  ended.catch(() => undefined); // whoever waits for `ended` sees it
  return {
    ended,
    stop: async () => {
      shutdown.abort();
      await ended;
    },
  };
}

export async function workerBench(env: Record<string, string> = {}): Promise<WorkerBench> {
  const database = await testDatabase({ migrate: async (url) => void (await migrate(url)), history: 'whole' });
  const redis = await testRedis();
  const outputDir = mkdtempSync(join(tmpdir(), 'jobhive-worker-'));
  const settings = {
    REDIS_URL: redis.url,
    DATABASE_URL: database.url,
    OUTPUT_DIR: outputDir,
    ENQUEUE_RATE_LIMIT: '0',
    ...env,
  };
  const environment = readEnvironment(settings);
  const events = loggedEvents();
  const log = createLogger({ level: 'debug', format: 'json', stream: events.stream });
  const open = openQueue({ environment, log, role: 'operator' });
  const opened: OpenQueue[] = [open];
  let sequence = 0;

  const parts: WorkerBench['parts'] = (options = {}) => {
    const own = options.env === undefined ? environment : readEnvironment({ ...settings, ...options.env });
    const workerOpen = openQueue({ environment: own, log, role: 'worker', metrics: createMetrics() });
    opened.push(workerOpen);
    const { repository } = workerOpen;
    return {
      environment: own,
      open: { ...workerOpen, repository: { ...repository, ...options.faults?.(repository) } },
      name: options.name ?? `w${String((sequence += 1))}`,
      slots: options.slots ?? 1,
      stages: (options.stages ?? ['only']).map((name) => ({ name, version: 1, timeoutSeconds: undefined })),
      pool: poolOf(options.stage ?? (() => nothing)),
      outputDir,
      burst: options.burst ?? false,
      log,
    };
  };
  const discover = async (count: number): Promise<string[]> => {
    const from = (sequence += 1);
    const postings = Array.from({ length: count }, (_, i) => ({
      external_id: `${String(from)}-${String(i)}`,
      title: 'T',
      company: 'C',
    }));
    const made = await open.repository.discover({ source: 'test', postings, autoEnqueue: false });
    return made.map((one) => one.jobId);
  };
  const status = async (jobId: string) => (await open.repository.findJob(jobId))?.row.status;
  const eventsOf = async (jobId: string) => (await open.repository.timeline(jobId)).map((entry) => entry.event);
  await open.redis.ready(5000);
  await open.queue.rebuild(); // whole from the start: no first look of a worker is in the way of what a test counts
  return {
    database,
    redis,
    environment,
    open,
    log: events,
    logger: log,
    parts,
    assembled: (options) => assemble(parts(options)),
    assembledOf: assemble,
    run: (options) => runParts(parts(options)),
    runParts,
    discover,
    enqueue: async (count) => {
      const ids = await discover(count);
      await open.queue.enqueueJobs(ids);
      return ids;
    },
    status,
    events: eventsOf,
    takeOver: async (jobId) => {
      await database.client.query(
        `UPDATE application_tracking SET claim_token = gen_random_uuid(), holder = gen_random_uuid(), worker_name = 'other',
          session_key = NULL, lease_until = lease_until + interval '1 hour' WHERE job_id = $1`,
        [jobId],
      );
    },
    forgetClaim: async (jobId) => {
      await database.client.query(
        `WITH gone AS (DELETE FROM job_events WHERE job_id = $1 AND event = 'claimed')
        UPDATE application_tracking SET status = 'queued', attempt = 0, claim_token = NULL, holder = NULL, lease_until = NULL,
          worker_name = NULL, session_key = NULL, started_at = NULL WHERE job_id = $1`,
        [jobId],
      );
    },
    until: async (jobId, wanted, timeoutMs = 15_000) => {
      await waitFor(`job ${jobId} is ${wanted}`, async () => (await status(jobId)) === wanted, {
        timeoutMs,
        describe: async () => JSON.stringify(await open.repository.timeline(jobId)),
      });
    },
    close: async () => {
      await Promise.all(opened.map((one) => one.stop()));
      await redis.stop();
      await database.drop();
      rmSync(outputDir, { recursive: true, force: true });
    },
  };
}
