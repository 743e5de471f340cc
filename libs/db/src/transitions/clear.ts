// clear: queued (waiting or delayed) → discovered, a page at a time, never one in processing. What the poller would
// enqueue by itself at its next poll is unmarked, else a cleared queue would fill again.
import { cleanText } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';
import { eventCte } from './record-event.ts';
import { UNMARK } from './unmark.ts';

const CLEAR: Statement = {
  name: 'clear',
  text: `WITH page AS MATERIALIZED (
    SELECT job_id FROM application_tracking WHERE status = 'queued' AND queue_seq <= $1::bigint ORDER BY queue_seq LIMIT $2::int),
  l AS MATERIALIZED (
    SELECT t.job_id, t.status FROM application_tracking t WHERE t.job_id IN (SELECT job_id FROM page) ORDER BY t.job_id FOR UPDATE),
  done AS (
    UPDATE application_tracking t SET status = 'discovered', attempt = 0, claim_token = NULL, settled_as = NULL,
      queue_seq = NULL, queued_at = NULL, next_attempt_at = NULL, started_at = NULL, retry_after_count = 0
    FROM l WHERE t.job_id = l.job_id AND (l.status = 'queued') IS TRUE RETURNING t.job_id, t.attempt),
  ${UNMARK},
  ${eventCte('event', 'done', { event: `'cleared'`, detail: `jsonb_build_object('by', $3::text)` })}
  SELECT (SELECT count(*)::int FROM page) AS seen, coalesce((SELECT jsonb_agg(job_id) FROM done), '[]') AS cleared`,
};

const LAST_SEQ: Statement = {
  name: 'last_queue_seq',
  text: 'SELECT CASE WHEN is_called THEN last_value ELSE 0 END::float8 AS seq FROM queue_seq',
};

/** The end of the line now: a clear does not chase what is enqueued while it runs. */
export async function lastQueueSeq(db: Executor): Promise<number> {
  return (await db.query<{ seq: number }>(LAST_SEQ))[0]?.seq ?? 0;
}

/** Clears one page of what was queued up to `upToSeq`. @returns the ids cleared; `more` while there may be further pages */
export async function clear(
  db: Executor,
  upToSeq: number,
  pageMax: number,
  by: string,
): Promise<{ cleared: string[]; more: boolean }> {
  const rows = await db.query<{ seen: number; cleared: string[] }>(CLEAR, [upToSeq, pageMax, cleanText(by)]);
  const row = rows[0];
  return row === undefined ? { cleared: [], more: false } : { cleared: row.cleared, more: row.seen > 0 };
}
