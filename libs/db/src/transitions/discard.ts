// discard: failed → cancelled, by an operator: out of the dead-letter queue, kept in history with its error.
import { arrayLiteral, cleanText } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';
import type { Status } from '../lifecycle/status.ts';
import { lockRows } from './lock-rows.ts';
import { eventCte } from './record-event.ts';

export interface DiscardAnswer {
  readonly jobId: string;
  readonly verdict: 'discarded' | 'not_failed' | 'unknown';
  readonly status: Status | null;
}

const DISCARD: Statement = {
  name: 'discard',
  text: `WITH ${lockRows('finished_at')},
  done AS (
    UPDATE application_tracking t SET status = 'cancelled', claim_token = NULL, settled_as = NULL, finished_at = l.finished_at
    FROM l WHERE t.job_id = l.job_id AND (l.status = 'failed') IS TRUE RETURNING t.job_id, t.status, t.attempt),
  ${eventCte('event', 'done', { event: `'discarded'`, detail: `jsonb_build_object('by', $2::text)` })}
  SELECT a.job_id, coalesce(done.status, l.status) AS status,
    CASE WHEN done.job_id IS NOT NULL THEN 'discarded' WHEN l.job_id IS NULL THEN 'unknown' ELSE 'not_failed' END AS verdict
  FROM unnest($1::uuid[]) WITH ORDINALITY AS a(job_id, n) LEFT JOIN l USING (job_id) LEFT JOIN done USING (job_id) ORDER BY a.n`,
};

/** @param by who asks, for the history. @returns one answer for each id, in order */
export async function discard(db: Executor, jobIds: readonly string[], by: string): Promise<DiscardAnswer[]> {
  const rows = await db.query<{ job_id: string; status: Status | null; verdict: DiscardAnswer['verdict'] }>(DISCARD, [
    arrayLiteral(jobIds),
    cleanText(by),
  ]);
  return rows.map((row) => ({ jobId: row.job_id, verdict: row.verdict, status: row.status }));
}
