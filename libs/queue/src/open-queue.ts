// Opens both stores for one program and gives the face of the queue over them. Nothing is awaited here and nothing throws:
// who needs a service asks requireServices(), within a bound.
import {
  createMetrics,
  DeadlineError,
  withDeadline,
  type Environment,
  type Logger,
  type Metrics,
} from '@jobhive/config';
import {
  assertMigrated,
  createTrackingRepository,
  openDatabase,
  PostgresAwayError,
  WrongStatusError,
  JobNotFoundError,
  type Database,
  type TrackingRepository,
} from '@jobhive/db';
import { createDeadLetterSet, type DeadLetterSet } from './dead-letters/dead-letter-set.ts';
import { createEnqueuer } from './dispatch/enqueue.ts';
import { enqueueDiscovered } from './dispatch/enqueue-discovered.ts';
import { createPusher, type Pusher } from './dispatch/push.ts';
import type { JobQueue } from './job-queue.ts';
import { keepGauges } from './measure/gauges.ts';
import { living, readStatus, toWorkerRow, type StatusParts } from './measure/status.ts';
import { clearQueue } from './operate/clear.ts';
import { retryDeadLetters, selectDeadLetters } from './operate/retry.ts';
import { watchStatus } from './measure/watch-status.ts';
import { rebuild } from './reconcile/rebuild.ts';
import { openRedis, type RedisStore } from './redis/connect.ts';
import { keysOf, type Keys } from './redis/keys.ts';
import { listWorkers } from './workers/registry.ts';
import { signalLook } from './workers/signals.ts';

export interface OpenQueue {
  readonly queue: JobQueue;
  readonly repository: TrackingRepository;
  readonly database: Database;
  readonly redis: RedisStore;
  readonly keys: Keys;
  readonly pusher: Pusher;
  readonly deadLetters: DeadLetterSet;
  readonly metrics: Metrics;
  stop(): Promise<void>;
}

export interface OpenOptions {
  readonly environment: Environment;
  readonly log: Logger;
  readonly role: 'producer' | 'operator' | 'worker';
  readonly metrics?: Metrics;
  readonly applicationName?: string;
}

const STOP_BOUND_MS = 2000;
const POSTGRES_BOUND_MS = 10_000;
const REDIS_BOUND_MS = 5000;
const CONNECTIONS = { producer: 4, operator: 4, worker: 6 } as const;
/** To Postgres, of one worker: its pool, and the one that holds its session lock. */
export const WORKER_CONNECTIONS_MAX = CONNECTIONS.worker + 1;

export function openQueue({ environment, log, role, ...options }: OpenOptions): OpenQueue {
  const metrics = options.metrics ?? createMetrics();
  const database = openDatabase({
    url: environment.databaseUrl,
    pgbouncer: environment.pgbouncer,
    connectionsMax: CONNECTIONS[role],
    applicationName: options.applicationName ?? `jobhive-${role}`,
    hot: role !== 'operator',
    ...(role === 'operator' ? { statementTimeoutMs: 30_000 } : {}),
  });
  const repository = createTrackingRepository(database);
  const store = openRedis(environment.redis, log);
  const keys = keysOf(environment);
  const pusher = createPusher({ store, keys, repository, log });
  const deadLetters = createDeadLetterSet(store, keys, repository);
  const status: StatusParts = {
    queueName: environment.queueName,
    leaseMs: environment.leaseSeconds * 1000,
    repository,
    database,
    store,
    keys,
  };
  keepGauges(metrics, status);
  const parts = { environment, log, metrics, repository, store, keys, pusher, deadLetters, status };
  return {
    queue: createJobQueue(parts),
    repository,
    database,
    redis: store,
    keys,
    pusher,
    deadLetters,
    metrics,
    stop: async () => {
      await store.close();
      await withDeadline(database.close(), STOP_BOUND_MS, 'the connections to Postgres').catch(() => undefined); // the process ends them
    },
  };
}

interface QueueParts {
  readonly environment: Environment;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly repository: TrackingRepository;
  readonly store: RedisStore;
  readonly keys: Keys;
  readonly pusher: Pusher;
  readonly deadLetters: DeadLetterSet;
  readonly status: StatusParts;
}

function createJobQueue(parts: QueueParts): JobQueue {
  const { environment, log, metrics, repository, store, keys, pusher } = parts;
  const enqueuer = createEnqueuer({ repository, pusher, limitPerMinute: environment.enqueueRateLimit, log, metrics });
  return {
    enqueueJob: (jobId) => enqueuer.enqueueOne(jobId),
    enqueueJobs: (jobIds, by) => enqueuer.enqueueAll(jobIds, by),
    enqueueDiscovered: (options) => enqueueDiscovered(repository, enqueuer, options),
    retry: (selection, options) => retryDeadLetters(parts, selection, options),
    stagesOf: async (selection) => repository.stagesOnRecord(await selectDeadLetters(repository, selection)),
    ...operatorActs(parts),
    status: () => readStatus(parts.status),
    watchStatus: () => watchStatus(parts.status),
    workers: async () => living(await listWorkers(store, keys), parts.status.leaseMs).map(toWorkerRow),
    failedList: (limit) => repository.deadLetters(limit),
    failedGroups: () => repository.deadLetterGroups(),
    failedShow: async (jobId) => {
      const record = await repository.findJob(jobId);
      if (record === undefined) throw new JobNotFoundError([jobId]);
      if (record.row.status !== 'failed')
        throw new WrongStatusError(`job ${jobId} is ${record.row.status}, not failed`);
      return { job_id: jobId, failed_at: record.row.finished_at ?? '', error_info: record.errorInfo };
    },
  };
}

type OperatorActs = Pick<JobQueue, 'cancel' | 'discard' | 'clear' | 'pause' | 'resume' | 'rebuild'>;

function operatorActs({ repository, store, keys, deadLetters, log, metrics }: QueueParts): OperatorActs {
  const setPaused = async (paused: boolean, by: string): Promise<{ paused: boolean }> => {
    await store.ping(); // workers are told through Redis: with it away nothing is changed
    await repository.setPaused(paused, by);
    await signalLook(store, keys);
    log.event(paused ? 'queue.paused' : 'queue.resumed', { by });
    return { paused };
  };
  return {
    cancel: async (jobId, by) => {
      const [answer] = await repository.cancel([jobId], by);
      if (answer === undefined || answer.status === null) throw new JobNotFoundError([jobId]);
      if (answer.verdict === 'refused') {
        throw new WrongStatusError(
          `job ${jobId} is ${answer.status}; only a queued or processing job can be cancelled`,
        );
      }
      if (answer.verdict === 'cancelled') metrics.jobsTotal.inc({ status: 'cancelled' });
      if (answer.verdict === 'requested') await signalLook(store, keys);
      return { job_id: jobId, status: answer.status };
    },
    discard: async (jobId, by) => {
      const [answer] = await repository.discard([jobId], by);
      if (answer === undefined || answer.status === null) throw new JobNotFoundError([jobId]);
      if (answer.verdict !== 'discarded')
        throw new WrongStatusError(`job ${jobId} is ${answer.status}, not failed; nothing was discarded`);
      metrics.jobsTotal.inc({ status: 'cancelled' });
      if (store.isReady) await deadLetters.remove([jobId]).catch(() => 0); // else the reconciler finds the ghost
      log.event('job.discarded', { job_id: jobId, by });
      return { job_id: jobId, status: answer.status };
    },
    clear: (by, work) => clearQueue({ repository, store, keys, log }, by, work),
    pause: (by) => setPaused(true, by),
    resume: (by) => setPaused(false, by),
    rebuild: (work) =>
      rebuild(
        { store, keys, repository },
        { by: work?.by, signal: work?.signal, onProgress: (done) => work?.onProgress?.({ done, total: null }) },
      ),
  };
}

/** What a command needs before it begins. Waits for a service that is just coming up, ends with a clear error within 10 s. */
export async function requireServices(
  open: Pick<OpenQueue, 'database' | 'redis'>,
  needs: { redis: boolean; postgres: boolean; migrated: boolean },
): Promise<void> {
  const postgres = async (): Promise<void> => {
    if (!needs.postgres) return;
    const asked = needs.migrated ? assertMigrated(open.database) : open.database.ping();
    await withDeadline<unknown>(asked, POSTGRES_BOUND_MS, 'an answer').catch((error: unknown) => {
      throw error instanceof DeadlineError ? new PostgresAwayError(error, open.database.where) : error;
    });
  };
  await Promise.all([postgres(), needs.redis ? open.redis.ready(REDIS_BOUND_MS) : Promise.resolve()]);
}
