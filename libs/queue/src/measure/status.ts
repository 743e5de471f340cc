// The contract's status document: counts from Postgres in one statement, workers and latency from Redis. With Redis away
// it still answers, and says so.
import type { Database, Figures, Status, TrackingRepository } from '@jobhive/db';
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';
import { listWorkers, type RegisteredWorker } from '../workers/registry.ts';

export interface WorkerRow {
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly since: string;
  readonly job_id: string | null;
  readonly stage: string | null;
  readonly progress: { readonly fraction: number; readonly text: string } | null;
  readonly processed: number;
  readonly failed: number;
  /** How many jobs it may have in hand at once. */
  readonly slots: number;
  /** How many it has. */
  readonly in_hand: number;
  readonly last_heartbeat: string;
}

export interface StatusDocument {
  readonly queue: string;
  readonly depth: number;
  readonly delayed: number;
  readonly processing: number;
  readonly failed: number;
  readonly paused: boolean;
  readonly workers: { readonly active: number | null; readonly list: readonly WorkerRow[] };
  readonly rate_per_minute: number;
  readonly execution_ms: {
    readonly p50: number | null;
    readonly p95: number | null;
    readonly p99: number | null;
    readonly count: number;
  };
  readonly oldest_waiting_seconds: number | null;
  readonly counts: Readonly<Record<Status, number>>;
  readonly redis: { readonly ok: boolean; readonly latency_ms: number | null };
  readonly postgres: { readonly ok: boolean; readonly latency_ms: number | null };
}

export interface StatusParts {
  readonly queueName: string;
  readonly leaseMs: number;
  readonly repository: TrackingRepository;
  readonly database: Database;
  readonly store: RedisStore;
  readonly keys: Keys;
}

/** Only those whose heartbeat is younger than the lease. */
export function living(workers: readonly RegisteredWorker[], leaseMs: number): RegisteredWorker[] {
  return workers.filter((worker) => worker.ageMs < leaseMs);
}

export function toWorkerRow({ meanMs: _meanMs, ageMs: _ageMs, ...row }: RegisteredWorker): WorkerRow {
  return row;
}

interface RedisSide {
  readonly list: WorkerRow[];
  readonly latencyMs: number;
}

async function redisSide({ store, keys, leaseMs }: StatusParts): Promise<RedisSide | undefined> {
  if (!store.isReady) return undefined;
  try {
    const latencyMs = await store.ping();
    return { list: living(await listWorkers(store, keys), leaseMs).map(toWorkerRow), latencyMs };
  } catch {
    return undefined; // told in the document as redis.ok: false
  }
}

async function postgresSide({ repository, database }: StatusParts): Promise<{ figures: Figures; latencyMs: number }> {
  const latencyMs = await database.ping();
  return { figures: await repository.figures(), latencyMs };
}

const toMs = (value: number): number => Math.round(value * 1000) / 1000;

/** @throws PostgresAwayError; with Redis away the document says so */
export async function readStatus(parts: StatusParts): Promise<StatusDocument> {
  const [redis, { figures, latencyMs }] = await Promise.all([redisSide(parts), postgresSide(parts)]);
  return {
    queue: parts.queueName,
    depth: figures.depth,
    delayed: figures.delayed,
    processing: figures.counts.processing,
    failed: figures.counts.failed,
    paused: figures.paused,
    workers: redis === undefined ? { active: null, list: [] } : { active: redis.list.length, list: redis.list },
    rate_per_minute: figures.ratePerMinute,
    execution_ms: figures.executionMs,
    oldest_waiting_seconds: figures.oldestWaitingSeconds === null ? null : toMs(figures.oldestWaitingSeconds),
    counts: figures.counts,
    redis: redis === undefined ? { ok: false, latency_ms: null } : { ok: true, latency_ms: toMs(redis.latencyMs) },
    postgres: { ok: true, latency_ms: toMs(latencyMs) },
  };
}
