// The contract's status document: counts from Postgres in one statement, workers and latency from Redis. With Redis away
// it still answers, and says so.
import type { Status } from '@jobhive/db';

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
  readonly execution_ms: { readonly p50: number | null; readonly p95: number | null; readonly p99: number | null; readonly count: number };
  readonly oldest_waiting_seconds: number | null;
  readonly counts: Readonly<Record<Status, number>>;
  readonly redis: { readonly ok: boolean; readonly latency_ms: number | null };
  readonly postgres: { readonly ok: boolean; readonly latency_ms: number | null };
}
