// expire: processing → queued at once, failed after the last attempt, or cancelled where that is wanted, for claims whose
// lease ran out by the database's clock. The attempt is spent, for the work may have killed its worker, except for tokens
// which a worker left behind in good order while Postgres was away. What ended so runs alone next time.
import { arrayLiteral } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';
import type { Status } from '../lifecycle/status.ts';
import { deadLetterNoticeCte } from './make-notice.ts';
import { UTC_NOW } from './record-event.ts';

export interface Expired {
  readonly jobId: string;
  readonly status: Status;
  readonly queueSeq: number;
  readonly attempt: number;
  readonly workerName: string | null;
  readonly spent: boolean;
  /** Of the error, where it failed for good. */
  readonly fingerprint: string | null;
}

const EXPIRE_MAX = 500;

const EXPIRE: Statement = {
  name: 'expire',
  text: `WITH l AS MATERIALIZED (
    SELECT job_id, attempt, claim_token, cancel_requested_at, cancel_requested_by, worker_name, holder, current_stage, error_info,
      NOT (claim_token = ANY ($1::uuid[])) AS spent
    FROM application_tracking WHERE status = 'processing' AND lease_until < clock_timestamp()
    ORDER BY job_id LIMIT ${String(EXPIRE_MAX)} FOR UPDATE SKIP LOCKED),
  w AS MATERIALIZED (
    SELECT l.*, CASE WHEN cancel_requested_at IS NOT NULL THEN 'cancelled'
        WHEN spent AND attempt > $2::int THEN 'failed' ELSE 'queued' END AS status,
      jsonb_build_object('name', 'WorkerLostError', 'message', 'the worker was lost while it worked on this job',
        'stack', NULL, 'stage', current_stage, 'attempt', attempt, 'worker_name', worker_name, 'at', ${UTC_NOW},
        'fingerprint', substr(encode(sha256(convert_to('worker lost|' || coalesce(current_stage, ''), 'UTF8')), 'hex'), 1, 12),
        'reason', 'worker lost', 'previous', CASE WHEN error_info IS NULL THEN '[]'::jsonb ELSE
          coalesce(error_info->'previous', '[]') || jsonb_build_array(error_info - 'previous') END) AS error
    FROM l),
  done AS (
    UPDATE application_tracking t SET status = w.status, claim_token = NULL, settled_as = NULL, lease_until = NULL,
      holder = NULL, session_key = NULL, current_stage = NULL, next_attempt_at = NULL, runs_alone = w.spent OR t.runs_alone,
      attempt = w.attempt - CASE WHEN w.spent THEN 0 ELSE 1 END,
      queued_at = CASE WHEN w.status = 'queued' THEN clock_timestamp() ELSE t.queued_at END,
      finished_at = CASE WHEN w.status = 'queued' THEN NULL ELSE clock_timestamp() END,
      error_info = CASE WHEN w.spent THEN w.error ELSE t.error_info END
    FROM w WHERE t.job_id = w.job_id RETURNING t.job_id, t.status, t.attempt, t.queue_seq::float8 AS queue_seq),
  told AS (
    SELECT job_id, 1 AS nth, CASE WHEN spent THEN 'worker_lost' ELSE 'given_back' END AS event, attempt, worker_name,
      jsonb_build_object('reason', CASE WHEN spent THEN 'worker lost' ELSE 'shutdown' END, 'stage', current_stage, 'holder', holder) AS detail FROM w
    UNION ALL
    SELECT job_id, 2, status, attempt, worker_name, CASE WHEN status = 'failed'
      THEN jsonb_build_object('name', error->'name', 'reason', error->'reason', 'stage', error->'stage', 'fingerprint', error->'fingerprint')
      ELSE jsonb_strip_nulls(jsonb_build_object('by', cancel_requested_by)) END FROM w WHERE status <> 'queued'),
  event AS (
    INSERT INTO job_events (job_id, event, attempt, worker_name, detail)
    SELECT job_id, event, attempt, worker_name, detail FROM told ORDER BY nth),
  ${deadLetterNoticeCte('w', { fingerprint: "error->>'fingerprint'", order: 'job_id' })}
  SELECT done.*, CASE WHEN done.status = 'failed' THEN w.error->>'fingerprint' END AS fingerprint, w.worker_name, w.spent FROM done JOIN w USING (job_id) ORDER BY done.queue_seq`,
};

interface Row {
  job_id: string;
  status: Status;
  queue_seq: number;
  attempt: number;
  worker_name: string | null;
  spent: boolean;
  fingerprint: string | null;
}

/**
 * @param left tokens that workers left behind in good order; they spend nothing
 * @param retriesMax retries a job has after its first attempt
 */
export async function expire(db: Executor, left: readonly string[], retriesMax: number): Promise<Expired[]> {
  const rows = await db.query<Row>(EXPIRE, [arrayLiteral(left), retriesMax]);
  return rows.map((row) => ({
    jobId: row.job_id,
    status: row.status,
    queueSeq: row.queue_seq,
    attempt: row.attempt,
    workerName: row.worker_name,
    spent: row.spent,
    fingerprint: row.fingerprint,
  }));
}
