// cancel: queued → cancelled at once; processing → the wish is on record, told to the worker by its next renewal, and from
// then on nothing leads back to the queue; who wished it stands in the event with which the attempt ends, whichever that is.
// Asked again it changes nothing and writes no second event.
import { arrayLiteral, cleanText } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';
import type { Status } from '../lifecycle/status.ts';
import { lockRows } from './lock-rows.ts';
import { eventCte } from './record-event.ts';

export interface CancelAnswer {
  readonly jobId: string;
  /** `requested`: it is in a worker's hands, which will end it. */
  readonly verdict: 'cancelled' | 'requested' | 'already_cancelled' | 'refused' | 'unknown';
  readonly status: Status | null;
}

const CANCEL: Statement = {
  name: 'cancel',
  text: `WITH ${lockRows()},
  done AS (
    UPDATE application_tracking t SET
      status = CASE l.status WHEN 'queued' THEN 'cancelled' ELSE t.status END,
      finished_at = CASE l.status WHEN 'queued' THEN clock_timestamp() ELSE t.finished_at END,
      next_attempt_at = NULL, claim_token = CASE l.status WHEN 'queued' THEN NULL ELSE t.claim_token END,
      settled_as = CASE l.status WHEN 'queued' THEN NULL ELSE t.settled_as END,
      cancel_requested_at = CASE l.status WHEN 'queued' THEN NULL ELSE coalesce(t.cancel_requested_at, clock_timestamp()) END,
      cancel_requested_by = CASE WHEN l.status = 'processing' AND t.cancel_requested_at IS NOT NULL THEN t.cancel_requested_by ELSE $2::text END
    FROM l WHERE t.job_id = l.job_id AND (l.status IN ('queued', 'processing')) IS TRUE
    RETURNING t.job_id, t.status, t.attempt),
  ${eventCte('event', 'done', { event: `'cancelled'`, detail: `jsonb_build_object('by', $2::text)`, where: `status = 'cancelled'` })}
  SELECT a.job_id, coalesce(done.status, l.status) AS status, CASE
    WHEN l.job_id IS NULL THEN 'unknown' WHEN l.status = 'queued' THEN 'cancelled' WHEN l.status = 'processing' THEN 'requested'
    WHEN l.status = 'cancelled' THEN 'already_cancelled' ELSE 'refused' END AS verdict
  FROM unnest($1::uuid[]) WITH ORDINALITY AS a(job_id, n) LEFT JOIN l USING (job_id) LEFT JOIN done USING (job_id) ORDER BY a.n`,
};

/** @param by who asks, for the history. @returns one answer for each id, in order */
export async function cancel(db: Executor, jobIds: readonly string[], by: string): Promise<CancelAnswer[]> {
  const rows = await db.query<{ job_id: string; status: Status | null; verdict: CancelAnswer['verdict'] }>(CANCEL, [
    arrayLiteral(jobIds),
    cleanText(by),
  ]);
  return rows.map((row) => ({ jobId: row.job_id, verdict: row.verdict, status: row.status }));
}
