// The figures of the queue as a whole, all in one statement and so of one moment.
import type { Executor, Statement } from '../connect/database.ts';
import type { Status } from '../lifecycle/status.ts';

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

/** Each of these has a partial index of its own, which alone is read. `processed` has none: it is what is left of all jobs. */
const countOf = (status: Exclude<Status, 'processed'>): string =>
  `${status}_jobs AS (SELECT count(*)::int AS n FROM application_tracking WHERE status = '${status}')`;

/** Times are compared with the statement's own: no index is asked for what clock_timestamp() may say from row to row. */
const FIGURES: Statement = {
  name: 'figures',
  text: `WITH ${countOf('discovered')}, ${countOf('queued')}, ${countOf('processing')}, ${countOf('failed')}, ${countOf('cancelled')},
  every AS (SELECT count(*)::int AS n FROM jobs),
  delayed AS (
    SELECT count(*)::int AS n FROM application_tracking
    WHERE status = 'queued' AND next_attempt_at IS NOT NULL AND next_attempt_at > statement_timestamp()),
  ended AS MATERIALIZED (
    SELECT at, event, (detail->>'duration_ms')::float8 AS ms FROM job_events
    WHERE event IN ('processed', 'failed', 'retry_scheduled') AND at > statement_timestamp() - interval '1 hour'),
  oldest AS (
    SELECT extract(epoch FROM clock_timestamp() - greatest(queued_at, next_attempt_at))::float8 AS seconds
    FROM application_tracking WHERE status = 'queued' AND (next_attempt_at IS NULL OR next_attempt_at <= clock_timestamp())
    ORDER BY queue_seq LIMIT 1)
  SELECT (SELECT n FROM discovered_jobs) AS discovered, (SELECT n FROM queued_jobs) AS queued,
    (SELECT n FROM processing_jobs) AS processing, (SELECT n FROM failed_jobs) AS failed,
    (SELECT n FROM cancelled_jobs) AS cancelled, (SELECT n FROM every) AS every,
    (SELECT n FROM delayed) AS delayed, (SELECT paused FROM queue_state) AS paused,
    (SELECT count(*)::int FROM ended WHERE event <> 'retry_scheduled' AND at > statement_timestamp() - interval '60 s') AS rate,
    (SELECT seconds FROM oldest) AS oldest,
    (SELECT count(ms)::int FROM ended) AS ended_count,
    (SELECT percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY ms) FROM ended) AS percentiles`,
};

/** Another one after each event of a job or of all jobs; given out before the event is committed. */
const MARK: Statement = {
  name: 'status_mark',
  text: `SELECT concat_ws(' ', j.is_called, j.last_value, s.is_called, s.last_value, q.paused) AS mark
    FROM job_events_id_seq j, system_events_id_seq s, queue_state q`,
};

export async function statusMark(db: Executor): Promise<string> {
  return (await db.query<{ mark: string }>(MARK))[0]?.mark ?? '';
}

interface Row {
  discovered: number;
  queued: number;
  processing: number;
  failed: number;
  cancelled: number;
  /** All jobs: each has its row in application_tracking from its discovery on. */
  every: number;
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
  const { discovered, queued, processing, failed, cancelled, every } = row;
  const processed = every - discovered - queued - processing - failed - cancelled;
  const counts = { discovered, queued, processing, processed, failed, cancelled };
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
