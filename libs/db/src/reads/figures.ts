// The figures of the queue as a whole, all in one statement and so of one moment.
import type { Executor, Statement } from '../connect/database.ts';
import { STATUSES, type Status } from '../lifecycle/status.ts';

export interface Figures {
  readonly counts: Readonly<Record<Status, number>>;
  /** Ready for a worker. */
  readonly depth: number;
  /** Waiting for a retry's time. */
  readonly delayed: number;
  readonly paused: boolean;
  /** Attempts that ended as processed or failed in the last 60 s. */
  readonly ratePerMinute: number;
  /** Attempts that ended in the last hour, in milliseconds; null percentiles where there was none. */
  readonly executionMs: {
    readonly p50: number | null;
    readonly p95: number | null;
    readonly p99: number | null;
    readonly count: number;
  };
  readonly oldestWaitingSeconds: number | null;
}

const FIGURES: Statement = {
  name: 'figures',
  text: `WITH by_status AS (SELECT status, count(*)::int AS n FROM application_tracking GROUP BY status),
  delayed AS (
    SELECT count(*)::int AS n FROM application_tracking
    WHERE status = 'queued' AND next_attempt_at IS NOT NULL AND next_attempt_at > clock_timestamp()),
  ended AS MATERIALIZED (
    SELECT at, event, (detail->>'duration_ms')::float8 AS ms FROM job_events
    WHERE event IN ('processed', 'failed', 'retry_scheduled') AND at > clock_timestamp() - interval '1 hour'),
  oldest AS (
    SELECT extract(epoch FROM clock_timestamp() - greatest(queued_at, next_attempt_at))::float8 AS seconds
    FROM application_tracking WHERE status = 'queued' AND (next_attempt_at IS NULL OR next_attempt_at <= clock_timestamp())
    ORDER BY queue_seq LIMIT 1)
  SELECT (SELECT coalesce(jsonb_object_agg(status, n), '{}') FROM by_status) AS counts,
    (SELECT n FROM delayed) AS delayed, (SELECT paused FROM queue_state) AS paused,
    (SELECT count(*)::int FROM ended WHERE event <> 'retry_scheduled' AND at > clock_timestamp() - interval '60 s') AS rate,
    (SELECT seconds FROM oldest) AS oldest,
    (SELECT count(ms)::int FROM ended) AS ended_count,
    (SELECT percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY ms) FROM ended) AS percentiles`,
};

interface Row {
  counts: Partial<Record<Status, number>>;
  delayed: number;
  paused: boolean | null;
  rate: number;
  oldest: number | null;
  ended_count: number;
  percentiles: number[] | null;
}

export async function figures(db: Executor): Promise<Figures> {
  const row = (await db.query<Row>(FIGURES))[0];
  if (row === undefined) throw new Error('the figures had no row');
  const counts = Object.fromEntries(STATUSES.map((status) => [status, row.counts[status] ?? 0])) as Record<
    Status,
    number
  >; // one entry each
  const [p50 = null, p95 = null, p99 = null] = row.percentiles ?? [];
  return {
    counts,
    depth: counts.queued - row.delayed,
    delayed: row.delayed,
    paused: row.paused ?? false,
    ratePerMinute: row.rate,
    executionMs: { p50, p95, p99, count: row.ended_count },
    oldestWaitingSeconds: row.oldest === null ? null : Math.max(0, row.oldest),
  };
}
