// enqueue: discovered or cancelled → queued, with a place in line that is drawn in the order of the asking, under locks.
// A call is all or nothing: where one of its ids is unknown, refused, or beyond the budget, none of them moves. The
// budget (jobs a minute over all producers) is a row of the same statement; with no limit the statement has no such part.
import { arrayLiteral, cleanText } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';
import { lockRows } from './lock-rows.ts';
import { eventCte } from './record-event.ts';
import { UNMARK } from './unmark.ts';

/** `held`: nothing was wrong with this id, but its call was refused for another. */
export type EnqueueVerdict = 'queued' | 'already_queued' | 'unknown' | 'processed' | 'failed' | 'limited' | 'held';

export interface EnqueueAnswer {
  readonly jobId: string;
  readonly verdict: EnqueueVerdict;
  /** Place in line, ascending; null where it was not queued now. */
  readonly queueSeq: number | null;
  /** For `limited`: when to ask again. */
  readonly retryAfterSeconds: number | null;
}

export interface EnqueueAsk {
  readonly jobId: string;
  /** Ids of one call move together or not at all. */
  readonly call: number;
}

/** The minute's window and the one before it, weighted by how much of that still counts: the limit a minute, evenly; bursts at both ends of a window can come near twice that. */
const BUDGET = `room AS MATERIALIZED (
    SELECT b.id, greatest(0, $3::int - w.used - ceil(w.used_before * (1 - w.gone)))::int AS left_over, w.*
    FROM (SELECT * FROM enqueue_budget FOR UPDATE) b,
      LATERAL (SELECT floor(extract(epoch FROM clock_timestamp() - b.window_from) / 60)::int AS windows) k,
      LATERAL (SELECT
        CASE WHEN k.windows = 0 THEN b.used ELSE 0 END AS used,
        CASE k.windows WHEN 0 THEN b.used_before WHEN 1 THEN b.used ELSE 0 END AS used_before,
        CASE WHEN k.windows < 2 THEN b.window_from + k.windows * interval '60 s' ELSE clock_timestamp() END AS window_from) v,
      LATERAL (SELECT v.*, least(1, extract(epoch FROM clock_timestamp() - v.window_from) / 60)::float8 AS gone) w
    WHERE EXISTS (SELECT FROM wanted)),
  granted AS MATERIALIZED (
    SELECT w.* FROM wanted w JOIN (SELECT call, sum(count(*)) OVER (ORDER BY call) AS upto FROM wanted GROUP BY call) c USING (call), room
    WHERE c.upto <= room.left_over),
  spent AS (
    UPDATE enqueue_budget b SET window_from = room.window_from, used_before = room.used_before,
      used = room.used + (SELECT count(*) FROM granted)::int FROM room WHERE b.id = room.id)`;

const NO_BUDGET = `granted AS MATERIALIZED (SELECT * FROM wanted)`;

/** @param by the parameter that names who asked; none where a program did, whose history says so by itself */
function enqueueText(budget: string, limitedAfter: string, by?: string): string {
  return `WITH ${lockRows()},
  judged AS MATERIALIZED (
    SELECT a.*, row_number() OVER (PARTITION BY a.job_id ORDER BY a.n) AS nth, CASE
      WHEN l.job_id IS NULL THEN 'unknown' WHEN l.status IN ('queued', 'processing') THEN 'already_queued'
      WHEN l.status IN ('discovered', 'cancelled') THEN 'queued' ELSE l.status END AS verdict
    FROM unnest($1::uuid[], $2::int[]) WITH ORDINALITY AS a(job_id, call, n) LEFT JOIN l USING (job_id)),
  refused AS (SELECT DISTINCT call FROM judged WHERE verdict NOT IN ('queued', 'already_queued')),
  wanted AS MATERIALIZED (
    SELECT * FROM judged WHERE verdict = 'queued' AND nth = 1 AND call NOT IN (SELECT call FROM refused)),
  ${budget},
  numbered AS MATERIALIZED (
    SELECT g.job_id, nextval('queue_seq') AS seq FROM (SELECT job_id FROM granted ORDER BY n) g),
  done AS (
    UPDATE application_tracking t SET status = 'queued', attempt = 0, claim_token = NULL, settled_as = NULL,
      queue_seq = numbered.seq, queued_at = clock_timestamp(), next_attempt_at = NULL, started_at = NULL,
      finished_at = NULL, cancel_requested_at = NULL, retry_after_count = 0, runs_alone = false, worker_name = NULL,
      error_info = NULL
    FROM numbered WHERE t.job_id = numbered.job_id RETURNING t.job_id, t.queue_seq, t.attempt),
  ${eventCte('event', 'done', {
    event: `'queued'`,
    order: 'queue_seq',
    ...(by === undefined ? {} : { detail: `jsonb_build_object('by', ${by}::text)` }),
  })},
  ${UNMARK}
  SELECT j.job_id, d.queue_seq::float8 AS seq, ${limitedAfter} AS retry_after, CASE
    WHEN j.verdict <> 'queued' THEN j.verdict
    WHEN j.call IN (SELECT call FROM refused) THEN 'held'
    WHEN j.nth > 1 THEN 'already_queued'
    WHEN d.job_id IS NULL THEN 'limited' ELSE 'queued' END AS verdict
  FROM judged j LEFT JOIN done d ON d.job_id = j.job_id AND j.nth = 1 ORDER BY j.n`;
}

const ENQUEUE: Statement = { name: 'enqueue', text: enqueueText(NO_BUDGET, 'NULL::int') };
const ENQUEUE_BY: Statement = { name: 'enqueue_by', text: enqueueText(NO_BUDGET, 'NULL::int', '$3') };
const LIMITED_AFTER = '(SELECT greatest(1, ceil(60 * (1 - gone)))::int FROM room)';
const ENQUEUE_WITHIN: Statement = { name: 'enqueue_within', text: enqueueText(BUDGET, LIMITED_AFTER) };
const ENQUEUE_WITHIN_BY: Statement = { name: 'enqueue_within_by', text: enqueueText(BUDGET, LIMITED_AFTER, '$4') };

interface Row {
  job_id: string;
  seq: number | null;
  retry_after: number | null;
  verdict: EnqueueVerdict;
}

/**
 * @param limitPerMinute the enqueue budget; 0 is none
 * @param by who asks, for the history; none for a program
 * @returns one answer for each ask, in order; an id asked twice is queued once
 */
export async function enqueue(
  db: Executor,
  asks: readonly EnqueueAsk[],
  limitPerMinute: number,
  by?: string,
): Promise<EnqueueAnswer[]> {
  const ids = arrayLiteral(asks.map((ask) => ask.jobId));
  const calls = arrayLiteral(asks.map((ask) => ask.call));
  const [plain, told] = limitPerMinute > 0 ? [ENQUEUE_WITHIN, ENQUEUE_WITHIN_BY] : [ENQUEUE, ENQUEUE_BY];
  const values = limitPerMinute > 0 ? [ids, calls, limitPerMinute] : [ids, calls];
  const rows =
    by === undefined ? await db.query<Row>(plain, values) : await db.query<Row>(told, [...values, cleanText(by)]);
  return rows.map((row) => ({
    jobId: row.job_id,
    verdict: row.verdict,
    queueSeq: row.seq,
    retryAfterSeconds: row.verdict === 'limited' ? row.retry_after : null,
  }));
}
