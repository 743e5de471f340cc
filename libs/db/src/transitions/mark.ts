// Small writes that change no status: what was delivered again, what Redis lacks, pause, and history only.
import { arrayLiteral, cleanText, toJson } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';
import type { SystemEvent } from '../lifecycle/status.ts';

const DELIVERED: Statement = {
  name: 'mark_delivered',
  text: `WITH l AS MATERIALIZED (
    SELECT job_id, status, next_attempt_at, attempt FROM application_tracking
    WHERE job_id = ANY($1::uuid[]) ORDER BY job_id FOR UPDATE SKIP LOCKED),
  q AS MATERIALIZED (SELECT * FROM l WHERE status = 'queued'),
  done AS (
    UPDATE application_tracking t SET queued_at = coalesce(q.next_attempt_at, t.queued_at), next_attempt_at = NULL
    FROM q WHERE t.job_id = q.job_id AND q.next_attempt_at <= clock_timestamp()),
  state AS (SELECT set_config('synchronous_commit', 'off', true) AS lazily)
  INSERT INTO job_events (job_id, event, attempt, detail)
  SELECT job_id, 'dispatched', attempt, jsonb_build_object('reason', $2::text) FROM q, state WHERE lazily = 'off'`,
};
const STALE: Statement = {
  name: 'record_stale_write',
  text: `INSERT INTO job_events (job_id, event, attempt, worker_name, detail)
    SELECT job_id, 'stale_write_refused', $2::int, $3::text, jsonb_build_object('write', $4::text)
    FROM application_tracking WHERE job_id = $1::uuid`,
};
const BEHIND: Statement = {
  name: 'mark_redis_behind',
  text: `UPDATE queue_state SET redis_behind = least(redis_behind, $1::bigint), redis_behind_marks = redis_behind_marks + 1`,
};
const CAUGHT_UP: Statement = {
  name: 'mark_redis_caught_up',
  text: `UPDATE queue_state SET redis_behind = NULL WHERE redis_behind = $1::bigint AND redis_behind_marks = $2::bigint`,
};
const RUN_ID: Statement = { name: 'mark_redis_run_id', text: `UPDATE queue_state SET redis_run_id = $1` };
const PAUSE: Statement = {
  name: 'set_paused',
  text: `WITH done AS (UPDATE queue_state SET paused = $1::boolean WHERE paused <> $1::boolean RETURNING paused)
    INSERT INTO system_events (event, detail)
    SELECT CASE WHEN paused THEN 'paused' ELSE 'resumed' END, jsonb_build_object('by', $2::text) FROM done`,
};
/** Judged by what is on record, so that the end of an outage is told also where whoever told of its beginning is gone. */
const REDIS: Statement = {
  name: 'record_redis',
  text: `WITH newest AS (SELECT event, at FROM system_events WHERE event IN ('redis_away', 'redis_back') ORDER BY id DESC LIMIT 1)
    INSERT INTO system_events (event, detail)
    SELECT 'redis_back', jsonb_build_object('away_ms', round(extract(epoch FROM clock_timestamp() - at) * 1000)::bigint)
    FROM newest WHERE $1::boolean AND event = 'redis_away'
    UNION ALL
    SELECT 'redis_away', '{}' WHERE NOT $1::boolean AND NOT EXISTS (SELECT FROM newest WHERE event = 'redis_away')`,
};
const SYSTEM: Statement = {
  name: 'record_system_event',
  text: `INSERT INTO system_events (event, detail) VALUES ($1, $2::jsonb)`,
};

/** After ids were delivered again: `due` no longer reads them, and their history says why. */
export async function markDelivered(db: Executor, jobIds: readonly string[], reason: string): Promise<void> {
  if (jobIds.length > 0) await db.query(DELIVERED, [arrayLiteral(jobIds), reason]);
}

/** A write that was refused, by the worker that met it: history only, without a guard. */
export async function recordStaleWrite(
  db: Executor,
  stale: { jobId: string; attempt: number; workerName: string; write: string },
): Promise<void> {
  await db.query(STALE, [stale.jobId, stale.attempt, cleanText(stale.workerName), stale.write]);
}

/** A push failed: Redis may lack what is queued from `fromSeq` on, until a pass over it has found nothing. */
export async function markRedisBehind(db: Executor, fromSeq: number): Promise<void> {
  await db.query(BEHIND, [fromSeq]);
}

/** Takes the mark away, unless a producer set another meanwhile, for whatever place. @param marks redisBehindMarks() before the pass */
export async function markRedisCaughtUp(db: Executor, fromSeq: number, marks: number): Promise<void> {
  await db.query(CAUGHT_UP, [fromSeq, marks]);
}

export async function markRedisRunId(db: Executor, runId: string): Promise<void> {
  await db.query(RUN_ID, [runId]);
}

export async function setPaused(db: Executor, paused: boolean, by: string): Promise<void> {
  await db.query(PAUSE, [paused, cleanText(by)]);
}

/** Redis was seen ready or away: told where the record has it the other way. */
export async function recordRedis(db: Executor, isReady: boolean): Promise<void> {
  await db.query(REDIS, [isReady]);
}

/** What holds for the queue as a whole, so that a job's history can name a wait that is not its own. */
export async function recordSystemEvent(
  db: Executor,
  event: SystemEvent,
  detail: Record<string, unknown> = {},
): Promise<void> {
  await db.query(SYSTEM, [event, toJson(detail)]);
}
