// Questions about notices: how many should have been delivered by now, and what tells whether the queue is stuck. Each is answered by an
// index alone, whatever the backlog.
import type { Executor, Statement } from '../connect/database.ts';

const OVERDUE_MAX = 10_000;
/** A burst that still gathers is not due, and one that is due is sent at once: these were tried in vain, or nobody tries. */
const OVERDUE: Statement = {
  name: 'overdue_notices',
  text: `SELECT count(*)::int AS overdue FROM (
    SELECT FROM notices WHERE ended_at IS NULL AND gathered_into IS NULL
      AND (attempts > 0 OR next_attempt_at < statement_timestamp() - interval '30 s')
    ORDER BY next_attempt_at LIMIT ${String(OVERDUE_MAX)}) n`,
};
const IDLE: Statement = {
  name: 'idle_facts',
  text: `WITH c AS MATERIALIZED (SELECT clock_timestamp() AS now)
  SELECT (SELECT paused FROM queue_state) AS paused,
    (SELECT count(*)::int FROM application_tracking WHERE status = 'processing') AS processing,
    (SELECT extract(epoch FROM c.now - greatest(queued_at, next_attempt_at))::float8 FROM application_tracking
      WHERE status = 'queued' AND (next_attempt_at IS NULL OR next_attempt_at <= c.now) ORDER BY queue_seq LIMIT 1) AS waiting_seconds,
    (SELECT extract(epoch FROM c.now - max(started_at))::float8 FROM application_tracking WHERE status = 'processing') AS claimed_seconds,
    (SELECT extract(epoch FROM c.now - at)::float8 FROM job_events
      WHERE event IN ('processed', 'failed', 'retry_scheduled') ORDER BY at DESC LIMIT 1) AS ended_seconds,
    (SELECT extract(epoch FROM c.now - max(at))::float8 FROM system_events
      WHERE event IN ('resumed', 'redis_back', 'postgres_back', 'rebuilt') AND at > c.now - interval '5 min') AS mended_seconds
  FROM c`,
};

/** What tells whether the queue is stuck; seconds since then, null where it never was. */
export interface IdleFacts {
  readonly paused: boolean;
  readonly processing: number;
  /** The first ready job of the line. */
  readonly waitingSeconds: number | null;
  /** The newest claim that is still in processing. */
  readonly claimedSeconds: number | null;
  /** The newest end of an attempt. */
  readonly endedSeconds: number | null;
  /** The newest end of a pause or an outage, within 5 min. */
  readonly mendedSeconds: number | null;
}

/** Those that should have been delivered by now; counts no further than 10,000. */
export async function overdueNotices(db: Executor): Promise<number> {
  return (await db.query<{ overdue: number }>(OVERDUE))[0]?.overdue ?? 0;
}

export async function idleFacts(db: Executor): Promise<IdleFacts> {
  const row = (await db.query<Record<string, number | null> & { paused: boolean | null }>(IDLE))[0];
  return {
    paused: row?.paused ?? false,
    processing: row?.['processing'] ?? 0,
    waitingSeconds: row?.['waiting_seconds'] ?? null,
    claimedSeconds: row?.['claimed_seconds'] ?? null,
    endedSeconds: row?.['ended_seconds'] ?? null,
    mendedSeconds: row?.['mended_seconds'] ?? null,
  };
}
