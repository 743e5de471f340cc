// retry: failed → queued, by an operator: a fresh set of attempts, behind those that wait, in the order of the asking.
// Finished stages stay finished unless told otherwise; the error stays on record until the job is processed.
import { arrayLiteral, cleanText } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';
import type { Status } from '../lifecycle/status.ts';
import { lockRows } from './lock-rows.ts';
import { eventCte } from './record-event.ts';

export type RetryFrom =
  { readonly kind: 'last_good' } | { readonly kind: 'start' } | { readonly kind: 'stage'; readonly name: string };

export interface RetryAnswer {
  readonly jobId: string;
  readonly verdict: 'retried' | 'not_failed' | 'unknown';
  readonly status: Status | null;
  readonly queueSeq: number | null;
}

const RETRY: Statement = {
  name: 'retry',
  text: `WITH ${lockRows('stage_outputs')},
  asked AS MATERIALIZED (SELECT * FROM unnest($1::uuid[]) WITH ORDINALITY AS a(job_id, n)),
  numbered AS MATERIALIZED (
    SELECT g.job_id, g.stage_outputs, nextval('queue_seq') AS seq FROM (
      SELECT l.job_id, l.stage_outputs FROM l JOIN asked USING (job_id) WHERE (l.status = 'failed') IS TRUE ORDER BY n) g),
  done AS (
    UPDATE application_tracking t SET status = 'queued', attempt = 0, claim_token = NULL, settled_as = NULL,
      queue_seq = numbered.seq, queued_at = clock_timestamp(), next_attempt_at = NULL, started_at = NULL,
      finished_at = NULL, cancel_requested_at = NULL, retry_after_count = 0, worker_name = NULL,
      stage_outputs = CASE $2::text WHEN 'last_good' THEN numbered.stage_outputs WHEN 'start' THEN '{}' ELSE (
        SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(numbered.stage_outputs)
        WHERE NOT coalesce(value->>'at' >= numbered.stage_outputs #>> ARRAY[$3::text, 'at'], false)) END
    FROM numbered WHERE t.job_id = numbered.job_id RETURNING t.job_id, t.attempt, t.queue_seq::float8 AS queue_seq),
  ${eventCte('event', 'done', {
    event: `'retried'`,
    detail: `jsonb_strip_nulls(jsonb_build_object('by', $4::text, 'from', $2::text, 'stage', $3::text))`,
    order: 'queue_seq',
  })}
  SELECT a.job_id, done.queue_seq, coalesce(CASE WHEN done.job_id IS NOT NULL THEN 'queued' END, l.status) AS status,
    CASE WHEN done.job_id IS NOT NULL THEN 'retried' WHEN l.job_id IS NULL THEN 'unknown' ELSE 'not_failed' END AS verdict
  FROM asked a LEFT JOIN l USING (job_id) LEFT JOIN done USING (job_id) ORDER BY a.n`,
};

/** @param by who asks, for the history. @returns one answer for each id, in order */
export async function retry(
  db: Executor,
  jobIds: readonly string[],
  from: RetryFrom,
  by: string,
): Promise<RetryAnswer[]> {
  const rows = await db.query<{
    job_id: string;
    queue_seq: number | null;
    status: Status | null;
    verdict: RetryAnswer['verdict'];
  }>(RETRY, [arrayLiteral(jobIds), from.kind, from.kind === 'stage' ? cleanText(from.name) : null, cleanText(by)]);
  return rows.map((row) => ({ jobId: row.job_id, verdict: row.verdict, status: row.status, queueSeq: row.queue_seq }));
}
