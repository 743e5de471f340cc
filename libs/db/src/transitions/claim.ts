// claim: queued and due → processing, under a token that the asker made first. Asked again with the same token it answers
// the same claim and counts no second attempt. The posting comes with it: a pipeline needs no further read. It commits
// without waiting for the disk: a settle that waits makes it durable too, and if Postgres crashes before, the row is
// queued again and no attempt was spent. What took its worker with it before is claimed only by an ask which says that it
// runs alone; any other is answered `alone`, and nothing is written.
import { arrayLiteral } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';
import type { Claim, ClaimAnswer, StageCheckpoint } from '../lifecycle/claim.ts';
import { lockRows } from './lock-rows.ts';
import { eventCte } from './record-event.ts';

export interface ClaimAsk {
  readonly jobId: string;
  readonly token: string;
  /** Nothing runs beside it, nor waits to be settled, in the asker's process. */
  readonly runsAlone?: boolean;
}

/** Who asks: the process instance, its session lock (null behind a pooler), its name, and for how long it claims. */
export interface Holder {
  readonly id: string;
  readonly sessionKey: bigint | null;
  readonly workerName: string;
  readonly leaseMs: number;
}

const CLAIM: Statement = {
  name: 'claim',
  text: `WITH ${lockRows('next_attempt_at', 'queued_at', 'retry_after_count', 'runs_alone', 'stage_outputs', 'error_info')},
  asked AS MATERIALIZED (
    SELECT *, row_number() OVER (PARTITION BY job_id ORDER BY n) AS nth
    FROM unnest($1::uuid[], $2::uuid[], $7::boolean[]) WITH ORDINALITY AS a(job_id, token, alone, n)),
  state AS MATERIALIZED (SELECT paused, set_config('synchronous_commit', 'off', true) AS lazily FROM queue_state),
  won AS (
    UPDATE application_tracking t SET status = 'processing', attempt = l.attempt + 1, claim_token = a.token,
      settled_as = NULL, lease_until = clock_timestamp() + $3::float8 * interval '1 ms', holder = $4::uuid,
      session_key = $5::bigint, worker_name = $6, started_at = clock_timestamp(), finished_at = NULL,
      next_attempt_at = NULL, current_stage = NULL
    FROM l JOIN asked a ON a.job_id = l.job_id AND a.nth = 1, state s
    WHERE t.job_id = l.job_id AND (l.status = 'queued') IS TRUE AND l.claim_token IS DISTINCT FROM a.token
      AND (a.alone OR NOT l.runs_alone)
      AND (l.next_attempt_at IS NULL OR l.next_attempt_at <= clock_timestamp()) AND NOT s.paused AND s.lazily = 'off'
    RETURNING t.job_id, t.attempt),
  ${eventCte('event', 'won', { event: `'claimed'`, worker: '$6::text' })}
  SELECT a.job_id, a.token, coalesce(won.attempt, l.attempt) AS attempt, l.retry_after_count, l.stage_outputs,
    l.error_info, j.source, j.external_id, j.title, j.company, j.location, j.url, j.description, j.posted_at,
    CASE WHEN l.next_attempt_at IS NULL AND l.attempt = 0
      THEN (extract(epoch FROM clock_timestamp() - l.queued_at) * 1000)::float8 END AS waited_ms,
    CASE WHEN won.job_id IS NOT NULL AND a.nth = 1 THEN 'won'
      WHEN a.nth = 1 AND (l.status = 'processing') IS TRUE AND l.claim_token = a.token THEN 'won'
      WHEN l.job_id IS NULL OR l.status <> 'queued' OR l.claim_token = a.token OR a.nth > 1 THEN 'not_yours'
      WHEN s.paused THEN 'paused' WHEN l.runs_alone AND NOT a.alone THEN 'alone' ELSE 'not_due' END AS verdict
  FROM asked a LEFT JOIN l USING (job_id) LEFT JOIN won USING (job_id) LEFT JOIN jobs j ON j.id = a.job_id, state s
  ORDER BY a.n`,
};

interface Row {
  job_id: string;
  token: string;
  attempt: number;
  retry_after_count: number;
  stage_outputs: Record<string, StageCheckpoint>;
  error_info: unknown;
  source: string;
  external_id: string;
  title: string;
  company: string;
  location: string | null;
  url: string | null;
  description: string | null;
  posted_at: Date | null;
  waited_ms: number | null;
  verdict: ClaimAnswer['verdict'];
}

function toClaim(row: Row): Claim {
  return {
    jobId: row.job_id,
    token: row.token,
    attempt: row.attempt,
    retryAfterCount: row.retry_after_count,
    stageOutputs: row.stage_outputs,
    errorInfo: row.error_info,
    waitedMs: row.waited_ms,
    job: {
      id: row.job_id,
      source: row.source,
      external_id: row.external_id,
      title: row.title,
      company: row.company,
      location: row.location,
      url: row.url,
      description: row.description,
      posted_at: row.posted_at?.toISOString() ?? null,
    },
  };
}

/** @returns one answer for each ask, in order */
export async function claim(db: Executor, asks: readonly ClaimAsk[], holder: Holder): Promise<ClaimAnswer[]> {
  const rows = await db.query<Row>(CLAIM, [
    arrayLiteral(asks.map((ask) => ask.jobId)),
    arrayLiteral(asks.map((ask) => ask.token)),
    holder.leaseMs,
    holder.id,
    holder.sessionKey,
    holder.workerName,
    arrayLiteral(asks.map((ask) => ask.runsAlone === true)),
  ]);
  return rows.map((row) =>
    row.verdict === 'won' ? { verdict: 'won', claim: toClaim(row) } : { verdict: row.verdict },
  );
}
