// How notices leave the outbox: by one process at a time, which holds the lease of this name. A page of what is due, each
// job's oldest only, so that a job's notices leave in order; gathering into a burst; the end, or the time of the next try.
// Nothing here waits for the disk: an end that is forgotten means one more delivery under the same id.
import { arrayLiteral, toJson } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';
import type { Notice, NoticeEnd, NoticeKind } from '../lifecycle/notice.ts';

export const NOTICE_LEASE = 'notices';
/** Ids that a burst names; its count goes on. */
const BURST_IDS_MAX = 1000;
const SWEEP_MAX = 5000;
const LAZILY = `clock_timestamp() AS now, set_config('synchronous_commit', 'off', true) AS lazily`;

const CLAIM: Statement = {
  name: 'claim_notices',
  text: `WITH c AS MATERIALIZED (SELECT ${LAZILY}),
  page AS MATERIALIZED (
    SELECT n.* FROM c, notices n
    WHERE n.ended_at IS NULL AND n.gathered_into IS NULL AND n.next_attempt_at <= c.now - $4::float8 * interval '1 s'
      AND NOT EXISTS (SELECT FROM notices e WHERE e.job_id = n.job_id AND e.ended_at IS NULL AND e.seq < n.seq)
    ORDER BY n.next_attempt_at, n.seq LIMIT $3::int),
  led AS (
    INSERT INTO leases AS r (name, holder, until)
    SELECT '${NOTICE_LEASE}', $1::uuid, c.now + $2::float8 * interval '1 ms' FROM c WHERE lazily = 'off' AND EXISTS (SELECT FROM page)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until, term = r.term + (r.holder <> excluded.holder)::int
    WHERE r.holder = excluded.holder OR r.until < clock_timestamp() RETURNING name)
  SELECT seq::float8 AS seq, id, kind, job_id, fingerprint, at, attempts,
    CASE WHEN kind = 'burst' THEN (
      SELECT jsonb_build_object('count', count(*), 'job_ids', coalesce(jsonb_agg(m.job_id ORDER BY m.seq) FILTER (WHERE m.nth <= ${String(BURST_IDS_MAX)}), '[]'))
      FROM (SELECT job_id, g.seq, row_number() OVER (ORDER BY g.seq) AS nth FROM notices g
        WHERE g.gathered_into = page.seq AND g.ended_at IS NULL) m) END AS gathered
  FROM page WHERE EXISTS (SELECT FROM led) ORDER BY seq`,
};
// `IS TRUE` keeps the planner from a partial index, of which it would read all to find a few rows by their key.
// An open burst was never tried and is not due: whoever saw its id has seen all that it names.
const GATHER: Statement = {
  name: 'gather_notices',
  text: `WITH c AS MATERIALIZED (SELECT ${LAZILY}),
  open AS MATERIALIZED (
    SELECT n.seq FROM notices n, c WHERE n.seq = $4::bigint AND n.fingerprint = $1 AND n.ended_at IS NULL
      AND n.attempts = 0 AND n.next_attempt_at > c.now AND lazily = 'off'),
  made AS (
    INSERT INTO notices (kind, fingerprint, next_attempt_at)
    SELECT 'burst', $1, c.now + $3::float8 * interval '1 s' FROM c WHERE NOT EXISTS (SELECT FROM open) RETURNING seq),
  burst AS (SELECT seq FROM open UNION ALL SELECT seq FROM made),
  done AS (
    UPDATE notices n SET gathered_into = burst.seq FROM burst
    WHERE n.seq = ANY ($2::bigint[]) AND (n.ended_at IS NULL AND n.gathered_into IS NULL AND n.attempts = 0) IS TRUE)
  SELECT seq::float8 AS seq FROM burst`,
};
const RECORD: Statement = {
  name: 'record_deliveries',
  text: `WITH c AS MATERIALIZED (SELECT ${LAZILY}),
  a AS MATERIALIZED (
    SELECT a.*, c.now FROM c, jsonb_to_recordset($1::jsonb) AS a(seq bigint, ended_as text, again_seconds float8) WHERE lazily = 'off'),
  members AS (
    UPDATE notices n SET ended_at = a.now, ended_as = a.ended_as FROM a
    WHERE n.gathered_into = ANY ($2::bigint[]) AND n.gathered_into = a.seq AND a.ended_as IS NOT NULL AND n.ended_at IS NULL AND n.gathered_into IS NOT NULL)
  UPDATE notices n SET attempts = n.attempts + 1, ended_as = a.ended_as,
    ended_at = CASE WHEN a.ended_as IS NOT NULL THEN a.now END,
    next_attempt_at = coalesce(a.now + a.again_seconds * interval '1 s', n.next_attempt_at)
  FROM a WHERE n.seq = ANY ($2::bigint[]) AND n.seq = a.seq AND (n.ended_at IS NULL) IS TRUE`,
};
const SWEEP: Statement = {
  name: 'sweep_notices',
  text: `WITH c AS MATERIALIZED (SELECT ${LAZILY}),
  old AS MATERIALIZED (SELECT seq, ended_at, at FROM notices, c WHERE lazily = 'off' ORDER BY seq LIMIT ${String(SWEEP_MAX)}),
  gone AS (
    DELETE FROM notices n USING old, c
    WHERE n.seq = old.seq AND old.ended_at < c.now - $1::float8 * interval '1 s' RETURNING n.seq),
  given_up AS (
    UPDATE notices n SET ended_at = c.now, ended_as = 'given_up' FROM old, c
    WHERE n.seq = old.seq AND n.ended_at IS NULL AND old.at < c.now - $2::float8 * interval '1 s' RETURNING n.seq)
  SELECT (SELECT count(*)::int FROM gone) AS removed, (SELECT count(*)::int FROM given_up) AS given_up`,
};

export interface NoticeClaim {
  readonly holder: string;
  readonly leaseMs: number;
  readonly limit: number;
  /** Only what has been due for so long: who only logs comes after whoever can deliver. */
  readonly dueForSeconds: number;
}

interface Row {
  seq: number;
  id: string;
  kind: NoticeKind;
  job_id: string | null;
  fingerprint: string | null;
  at: Date;
  attempts: number;
  gathered: { count: number; job_ids: string[] } | null;
}

/** Due notices, in order, and the lease on sending; none where nothing is due, or another process sends. */
export async function claimNotices(db: Executor, ask: NoticeClaim): Promise<Notice[]> {
  const rows = await db.query<Row>(CLAIM, [ask.holder, ask.leaseMs, ask.limit, ask.dueForSeconds]);
  return rows.map(({ job_id, gathered, ...row }) => ({
    ...row,
    jobId: job_id,
    gathered: gathered === null ? null : { count: gathered.count, jobIds: gathered.job_ids },
  }));
}

export interface Gathering {
  readonly fingerprint: string;
  readonly seqs: readonly number[];
  /** When a new burst is due; until then it gathers. */
  readonly sendInSeconds: number;
  /** The burst of this fingerprint that was opened last, should it still gather. */
  readonly into: number | null;
}

/** Puts notices that were never tried into a burst of their fingerprint. @returns its `seq`: that of `into`, or of a new one */
export async function gatherNotices(db: Executor, gathering: Gathering): Promise<number> {
  const { fingerprint, seqs, sendInSeconds, into } = gathering;
  const rows = await db.query<{ seq: number }>(GATHER, [fingerprint, arrayLiteral(seqs), sendInSeconds, into]);
  if (rows[0] === undefined) throw new Error('notices were gathered into no burst');
  return rows[0].seq;
}

export interface Delivery {
  readonly seq: number;
  /** What it ended as; undefined where it is tried again, in `againSeconds`. */
  readonly endedAs?: NoticeEnd | undefined;
  readonly againSeconds?: number | undefined;
}

export async function recordDeliveries(db: Executor, deliveries: readonly Delivery[]): Promise<void> {
  const rows = deliveries.map(({ seq, endedAs, againSeconds }) => ({
    seq,
    ended_as: endedAs ?? null,
    again_seconds: againSeconds ?? null,
  }));
  await db.query(RECORD, [toJson(rows), arrayLiteral(rows.map((row) => row.seq))]);
}

/**
 * Removes what ended long ago, and gives up what could not be delivered for long; the oldest 5,000 a call.
 * @returns how many; `more` where another call would find some at once
 */
export async function sweepNotices(
  db: Executor,
  ages: { keptSeconds: number; triedSeconds: number },
): Promise<{ removed: number; givenUp: number; more: boolean }> {
  const row = (await db.query<{ removed: number; given_up: number }>(SWEEP, [ages.keptSeconds, ages.triedSeconds]))[0];
  const removed = row?.removed ?? 0;
  return { removed, givenUp: row?.given_up ?? 0, more: removed === SWEEP_MAX };
}
