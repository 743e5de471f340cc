// settle: processing → processed, queued (a retry), failed, cancelled, or given back, under the claim's token; the one
// door through which every attempt ends that its worker ends. The token and `settled_as` stay on the row, so that an ask
// whose answer was lost is answered `already`, and writes and spends nothing. Where a cancel is wanted, what would go
// back to the queue is cancelled instead. What fails for good makes a notice. The commit waits for the disk.
import { arrayLiteral, toJson } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';
import type { Outcome, SettledAs } from '../lifecycle/outcome.ts';
import type { Status } from '../lifecycle/status.ts';
import { recordJson, type WriteVerdict } from './checkpoint.ts';
import { HELD, lockRows } from './lock-rows.ts';
import { deadLetterNoticeCte } from './make-notice.ts';
import { UTC_NOW } from './record-event.ts';

export interface SettleAsk {
  readonly jobId: string;
  readonly token: string;
  readonly outcome: Exclude<Outcome, { kind: 'stale' }>;
}

export interface Settled {
  readonly verdict: WriteVerdict;
  /** What the row's status is now; null when stale. */
  readonly status: Status | null;
  readonly queueSeq: number | null;
}

const DAYS_MAX_SECONDS = 7 * 24 * 3600;

const SETTLE: Statement = {
  name: 'settle',
  text: `WITH ${lockRows('queue_seq', 'started_at', 'cancel_requested_at', 'cancel_requested_by', 'retry_after_count', 'worker_name', 'error_info')},
  a AS MATERIALIZED (
    SELECT *, CASE WHEN settled_as IN ('retry', 'given_back') THEN 'queued' ELSE settled_as END AS aim
    FROM ROWS FROM (jsonb_to_recordset($2::jsonb) AS (job_id uuid, token uuid, settled_as text, stage text, record jsonb,
      delay_seconds float8, unspent boolean, waited boolean, error jsonb, reason text))
      WITH ORDINALITY AS a(job_id, token, settled_as, stage, record, delay_seconds, unspent, waited, error, reason, n)),
  w AS MATERIALIZED (
    SELECT DISTINCT ON (a.job_id) a.*, l.attempt, l.worker_name, l.retry_after_count, l.error_info, clock_timestamp() AS ended,
      CASE WHEN l.cancel_requested_at IS NOT NULL THEN l.cancel_requested_by END AS cancel_wanted_by,
      (extract(epoch FROM clock_timestamp() - l.started_at) * 1000)::int AS duration_ms,
      CASE WHEN a.aim = 'queued' AND l.cancel_requested_at IS NOT NULL THEN 'cancelled' ELSE a.aim END AS status
    FROM l JOIN a USING (job_id) WHERE ${HELD} ORDER BY a.job_id, a.n),
  done AS (
    UPDATE application_tracking t SET status = w.status, settled_as = w.settled_as, lease_until = NULL, holder = NULL,
      session_key = NULL, current_stage = NULL, runs_alone = t.runs_alone AND w.settled_as = 'given_back',
      attempt = w.attempt - CASE WHEN w.unspent THEN 1 ELSE 0 END,
      retry_after_count = w.retry_after_count + CASE WHEN w.waited THEN 1 ELSE 0 END,
      queued_at = CASE WHEN w.status = 'queued' THEN w.ended ELSE t.queued_at END,
      next_attempt_at = CASE WHEN w.status = 'queued' AND w.settled_as = 'retry'
        THEN w.ended + w.delay_seconds * interval '1 s' END,
      finished_at = CASE WHEN w.status = 'queued' THEN NULL ELSE w.ended END,
      error_info = CASE WHEN w.status = 'processed' THEN NULL ELSE coalesce(w.error, w.error_info) END,
      stage_outputs = CASE WHEN w.record IS NULL THEN t.stage_outputs
        ELSE t.stage_outputs || jsonb_build_object(w.stage, w.record || jsonb_build_object('at', ${UTC_NOW})) END
    FROM w WHERE t.job_id = w.job_id
    RETURNING t.job_id, t.claim_token, t.settled_as, t.status, t.queue_seq::float8 AS queue_seq),
  told AS (
    SELECT job_id, 1 AS nth, 'stage_finished' AS event, attempt, worker_name,
      jsonb_build_object('stage', stage, 'duration_ms', record->'duration_ms', 'version', record->'version') AS detail
    FROM w WHERE record IS NOT NULL
    UNION ALL
    SELECT job_id, 2, CASE WHEN status = 'queued' AND settled_as = 'retry' THEN 'retry_scheduled'
      WHEN status = 'queued' THEN 'given_back' ELSE status END, attempt, worker_name,
      jsonb_strip_nulls(jsonb_build_object('duration_ms', duration_ms, 'delay_seconds', CASE WHEN status = 'queued' THEN delay_seconds END,
        'reason', coalesce(reason, error->>'reason'), 'name', error->'name', 'stage', error->'stage', 'fingerprint', error->'fingerprint',
        'by', CASE WHEN status = 'cancelled' THEN cancel_wanted_by END,
        'cancel_wanted_by', CASE WHEN status <> 'cancelled' THEN cancel_wanted_by END))
    FROM w),
  event AS (
    INSERT INTO job_events (job_id, event, attempt, worker_name, detail)
    SELECT job_id, event, attempt, worker_name, detail FROM told ORDER BY nth),
  ${deadLetterNoticeCte('w', { fingerprint: "coalesce(error, error_info)->>'fingerprint'", order: 'n' })}
  SELECT CASE WHEN done.job_id IS NOT NULL THEN 'done'
      WHEN l.claim_token = a.token AND l.settled_as = a.settled_as THEN 'already' ELSE 'stale' END AS verdict,
    coalesce(done.status, CASE WHEN l.claim_token = a.token THEN l.status END) AS status,
    coalesce(done.queue_seq, l.queue_seq)::float8 AS queue_seq
  FROM a LEFT JOIN l USING (job_id)
    LEFT JOIN done ON done.job_id = a.job_id AND done.claim_token = a.token AND done.settled_as = a.settled_as ORDER BY a.n`,
};

/** What of an outcome goes into the statement. */
function settleFields(outcome: SettleAsk['outcome']): { settled_as: SettledAs } & Record<string, unknown> {
  switch (outcome.kind) {
    case 'processed':
    case 'cancelled':
      return { settled_as: outcome.kind };
    case 'failed':
      return { settled_as: 'failed', error: outcome.error };
    case 'retry':
      return {
        settled_as: 'retry',
        delay_seconds: Math.min(outcome.delaySeconds, DAYS_MAX_SECONDS),
        unspent: !outcome.spendsAttempt,
        waited: !outcome.spendsAttempt,
        ...(outcome.spendsAttempt ? { error: outcome.error } : {}),
        reason: outcome.spendsAttempt ? undefined : 'retry_after',
      };
    case 'given_back':
      return { settled_as: 'given_back', unspent: true, reason: outcome.reason };
  }
}

function settleJson({ jobId, token, outcome }: SettleAsk): string {
  const fields = toJson({ job_id: jobId, token, ...settleFields(outcome) });
  const last = outcome.kind === 'processed' ? outcome.last : undefined;
  if (last === undefined) return fields;
  return `${fields.slice(0, -1)},"stage":${toJson(last.stage)},"record":${recordJson(last, token)}}`;
}

/** @returns one answer for each ask, in order */
export async function settle(db: Executor, asks: readonly SettleAsk[]): Promise<Settled[]> {
  const rows = await db.query<{ verdict: WriteVerdict; status: Status | null; queue_seq: number | null }>(SETTLE, [
    arrayLiteral(asks.map((ask) => ask.jobId)),
    `[${asks.map(settleJson).join(',')}]`,
  ]);
  return rows.map((row) => ({
    verdict: row.verdict,
    status: row.verdict === 'stale' ? null : row.status,
    queueSeq: row.queue_seq,
  }));
}
