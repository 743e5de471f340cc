// The tick of a worker process: one statement a second which renews its claims, keeps the named lease of the reconciler,
// and tells what it must know: cancels, pause, what is due, what ran out, claims that nobody holds. Rows that are locked
// by a slow settle are skipped and answered `busy`: no verdict, and no other lease waits for them.
// The reconciler's lease is for those whose Redis answers: who cannot compare the stores may not keep others, or a producer,
// from it. While none of them is there, one of the rest leads as a stand-in, in all that Postgres alone needs.
// It commits without waiting for the disk. Each of its questions can be answered by a partial index alone; `waiting` is asked
// in the order of its index, for an EXISTS reads the whole table once the statistics are from a fuller time.
import { arrayLiteral } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';
import type { Holder } from './claim.ts';

export interface HeldClaim {
  readonly jobId: string;
  readonly token: string;
  /** The stage that is running, for the record should the worker be lost. */
  readonly stage: string | null;
}

export type RenewVerdict = 'renewed' | 'busy' | 'stale' | 'cancel_wanted';

export interface DueJob {
  readonly jobId: string;
  readonly queueSeq: number;
}

export interface TickAnswer {
  /** By token: one process may hold an old claim of a job beside its new one. */
  readonly renewed: ReadonlyMap<string, RenewVerdict>;
  readonly paused: boolean;
  /** Whether this process holds the reconciler's lease, or stands in for it, for the next two seconds. */
  readonly leads: boolean;
  /** Retries whose time has come, earliest first. */
  readonly due: readonly DueJob[];
  /** Milliseconds to the next retry's time; null when none waits. */
  readonly nextDueMs: number | null;
  /** Leases of anybody have run out: call expire(). */
  readonly overdue: boolean;
  /** Milliseconds to the end of the lease that ends next, as it was before this renewal; null when none does. */
  readonly nextOverdueMs: number | null;
  /** Claims of this process under tokens that it neither holds nor asks for: to be given back. */
  readonly orphans: readonly { jobId: string; token: string }[];
  readonly processing: number;
  readonly waiting: boolean;
  readonly redisBehind: number | null;
  readonly redisRunId: string | null;
  /** Notices are due to be sent, by anybody. */
  readonly noticesDue: boolean;
}

export const RECONCILER_LEASE = 'reconciler';
const STAND_IN_LEASE = 'reconciler_stand_in';
const DUE_MAX = 500;

const TICK: Statement = {
  name: 'tick',
  text: `WITH c AS MATERIALIZED (SELECT clock_timestamp() AS now, set_config('synchronous_commit', 'off', true) AS lazily,
    CASE WHEN $7::boolean THEN '${RECONCILER_LEASE}' ELSE '${STAND_IN_LEASE}' END AS lease),
  mine AS MATERIALIZED (
    SELECT job_id, token, nullif(stage, '') AS stage FROM jsonb_to_recordset($2::jsonb) AS a(job_id uuid, token uuid, stage text)),
  l AS MATERIALIZED (
    SELECT job_id, status, claim_token, cancel_requested_at FROM application_tracking
    WHERE job_id = ANY($1::uuid[]) ORDER BY job_id FOR UPDATE SKIP LOCKED),
  renewed AS (
    UPDATE application_tracking t SET lease_until = c.now + $4::float8 * interval '1 ms', session_key = $5::bigint, current_stage = a.stage
    FROM l JOIN mine a USING (job_id), c
    WHERE t.job_id = l.job_id AND (l.status = 'processing') IS TRUE AND l.claim_token = a.token AND c.lazily = 'off'
    RETURNING t.job_id),
  led AS (
    INSERT INTO leases AS r (name, holder, until)
    SELECT c.lease, $3::uuid, c.now + interval '2 s' FROM c
    WHERE NOT EXISTS (SELECT FROM leases WHERE name IN ('${RECONCILER_LEASE}', c.lease) AND holder <> $3::uuid AND until >= c.now)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,
      term = r.term + (r.holder <> excluded.holder)::int
    WHERE r.holder = excluded.holder OR r.until < clock_timestamp()
    RETURNING name),
  beat AS (
    UPDATE queue_state q SET last_tick = c.now FROM c
    WHERE q.id IN (SELECT id FROM queue_state WHERE last_tick < c.now - interval '1 s' FOR UPDATE SKIP LOCKED))
  SELECT q.paused, q.redis_behind::float8 AS redis_behind, q.redis_run_id,
    EXISTS (SELECT FROM led) AS leads,
    coalesce((SELECT next_attempt_at FROM notices WHERE ended_at IS NULL AND gathered_into IS NULL ORDER BY next_attempt_at LIMIT 1) <= c.now, false) AS notices_due,
    EXISTS (SELECT FROM application_tracking WHERE status = 'processing' AND lease_until < c.now) AS overdue,
    (SELECT (extract(epoch FROM lease_until - c.now) * 1000)::float8 FROM application_tracking
      WHERE status = 'processing' AND lease_until >= c.now ORDER BY lease_until LIMIT 1) AS next_overdue_ms,
    (SELECT queue_seq FROM application_tracking WHERE status = 'queued' ORDER BY queue_seq LIMIT 1) IS NOT NULL AS waiting,
    (SELECT count(*)::int FROM application_tracking WHERE status = 'processing') AS processing,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('token', a.token, 'verdict', CASE
        WHEN l.job_id IS NULL THEN 'busy' WHEN renewed.job_id IS NULL OR l.claim_token IS DISTINCT FROM a.token THEN 'stale'
        WHEN l.cancel_requested_at IS NOT NULL THEN 'cancel_wanted' ELSE 'renewed' END)), '[]')
      FROM mine a LEFT JOIN l USING (job_id) LEFT JOIN renewed USING (job_id)) AS verdicts,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('job_id', d.job_id, 'seq', d.queue_seq) ORDER BY d.next_attempt_at), '[]') FROM (
      SELECT job_id, queue_seq, next_attempt_at FROM application_tracking
      WHERE status = 'queued' AND next_attempt_at IS NOT NULL AND next_attempt_at <= c.now
      ORDER BY next_attempt_at LIMIT ${String(DUE_MAX)}) d) AS due,
    (SELECT (extract(epoch FROM next_attempt_at - c.now) * 1000)::float8 FROM application_tracking
      WHERE status = 'queued' AND next_attempt_at IS NOT NULL AND next_attempt_at > c.now
      ORDER BY next_attempt_at LIMIT 1) AS next_due_ms,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('job_id', o.job_id, 'token', o.claim_token)), '[]')
      FROM application_tracking o WHERE o.status = 'processing' AND o.holder = $3::uuid AND o.claim_token <> ALL ($6::uuid[])) AS orphans
  FROM c, queue_state q`,
};

interface Row {
  paused: boolean;
  leads: boolean;
  overdue: boolean;
  next_overdue_ms: number | null;
  waiting: boolean;
  processing: number;
  redis_behind: number | null;
  redis_run_id: string | null;
  notices_due: boolean;
  next_due_ms: number | null;
  verdicts: { token: string; verdict: RenewVerdict }[];
  due: { job_id: string; seq: number }[];
  orphans: { job_id: string; token: string }[];
}

/**
 * @param held the claims of this process
 * @param asked tokens which it holds or has asked for (a claim whose answer is still under way is not an orphan)
 * @param canCompare whether Redis answers this process
 */
export async function tick(
  db: Executor,
  held: readonly HeldClaim[],
  asked: readonly string[],
  holder: Holder,
  canCompare = true,
): Promise<TickAnswer> {
  const rows = await db.query<Row>(TICK, [
    arrayLiteral(held.map((claim) => claim.jobId)),
    JSON.stringify(held.map((claim) => ({ job_id: claim.jobId, token: claim.token, stage: claim.stage ?? '' }))),
    holder.id,
    holder.leaseMs,
    holder.sessionKey,
    arrayLiteral(asked),
    canCompare,
  ]);
  const row = rows[0];
  if (row === undefined) throw new Error('queue_state has no row; run `monitor-cli migrate`');
  return {
    renewed: new Map(row.verdicts.map(({ token, verdict }) => [token, verdict])),
    paused: row.paused,
    leads: row.leads,
    due: row.due.map(({ job_id, seq }) => ({ jobId: job_id, queueSeq: seq })),
    nextDueMs: row.next_due_ms,
    overdue: row.overdue,
    nextOverdueMs: row.next_overdue_ms,
    orphans: row.orphans.map(({ job_id, token }) => ({ jobId: job_id, token })),
    processing: row.processing,
    waiting: row.waiting,
    redisBehind: row.redis_behind,
    redisRunId: row.redis_run_id,
    noticesDue: row.notices_due,
  };
}
