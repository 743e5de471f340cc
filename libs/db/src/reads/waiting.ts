// The questions of the dispatcher and the reconciler: the line in its order, by page, and how given ids stand.
import { arrayLiteral } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';
import type { Status } from '../lifecycle/status.ts';

export interface WaitingJob {
  readonly jobId: string;
  readonly queueSeq: number;
}

/** How a job stands, for a comparison with Redis. */
export interface Standing extends WaitingJob {
  readonly status: Status;
  /** Queued and its time has come. */
  readonly ready: boolean;
}

const PAGE: Statement = {
  name: 'waiting_page',
  text: `SELECT job_id, queue_seq::float8 AS seq FROM application_tracking
    WHERE status = 'queued' AND queue_seq > $1::bigint AND (next_attempt_at IS NULL OR next_attempt_at <= clock_timestamp())
      AND queued_at <= clock_timestamp() - $3::float8 * interval '1 ms'
    ORDER BY queue_seq LIMIT $2::int`,
};
const STANDINGS: Statement = {
  name: 'standings',
  text: `SELECT job_id, coalesce(queue_seq, 0)::float8 AS seq, status,
    status = 'queued' AND (next_attempt_at IS NULL OR next_attempt_at <= clock_timestamp()) AS ready
    FROM application_tracking WHERE job_id = ANY($1::uuid[])`,
};
const MARKS: Statement = {
  name: 'redis_behind_marks',
  text: `SELECT redis_behind_marks::float8 AS marks FROM queue_state`,
};
const DISCOVERED: Statement = {
  name: 'discovered_page',
  text: `SELECT j.id AS job_id, j.discovery_seq::float8 AS seq FROM jobs j JOIN application_tracking t ON t.job_id = j.id
    WHERE t.status = 'discovered' AND j.discovery_seq > $1::bigint ORDER BY j.discovery_seq LIMIT $2::int`,
};
const AUTO: Statement = {
  name: 'auto_enqueue_page',
  text: `SELECT j.id AS job_id, j.discovery_seq::float8 AS seq FROM jobs j JOIN application_tracking t ON t.job_id = j.id
    WHERE j.auto_enqueue AND t.status = 'discovered' AND j.discovery_seq > $1::bigint ORDER BY j.discovery_seq LIMIT $2::int`,
};

type Row = { job_id: string; seq: number };
const toWaiting = (rows: readonly Row[]): WaitingJob[] => rows.map((row) => ({ jobId: row.job_id, queueSeq: row.seq }));

/** Ready jobs behind `afterSeq`, in order. @param minAgeMs leaves out what was queued more recently (it may be on its way) */
export async function waitingPage(db: Executor, afterSeq: number, limit: number, minAgeMs = 0): Promise<WaitingJob[]> {
  return toWaiting(await db.query<Row>(PAGE, [afterSeq, limit, minAgeMs]));
}

/** How these jobs stand; unknown ids are left out. */
export async function standings(db: Executor, jobIds: readonly string[]): Promise<Map<string, Standing>> {
  const rows = await db.query<Row & { status: Status; ready: boolean }>(STANDINGS, [arrayLiteral(jobIds)]);
  return new Map(
    rows.map((row) => [row.job_id, { jobId: row.job_id, queueSeq: row.seq, status: row.status, ready: row.ready }]),
  );
}

/** How often a push has failed: the same number before and after a pass says that none did meanwhile. */
export async function redisBehindMarks(db: Executor): Promise<number> {
  const [row] = await db.query<{ marks: number }>(MARKS);
  return row?.marks ?? 0;
}

/** Jobs that were discovered and not enqueued, in order of discovery; `queueSeq` is the place in that order. */
export async function discoveredPage(db: Executor, afterSeq: number, limit: number): Promise<WaitingJob[]> {
  return toWaiting(await db.query<Row>(DISCOVERED, [afterSeq, limit]));
}

/** Of those, what the poller inserted under ENABLE_AUTO_ENQUEUE and did not come to enqueue. */
export async function autoEnqueuePage(db: Executor, afterSeq: number, limit: number): Promise<WaitingJob[]> {
  return toWaiting(await db.query<Row>(AUTO, [afterSeq, limit]));
}
