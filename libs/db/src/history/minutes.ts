// The queue minute by minute, for charts. What a minute's attempts came to is read from the history once, when the minute is
// over, and so is what was missed while nobody sampled, a part of it at each call; how much waited can be seen only then, and
// stays null where nobody looked. Many may sample: the first one's row stays. Two days are kept, so it cannot grow.
import type { Executor, Statement } from '../connect/database.ts';

export interface HistoryMinute {
  /** The minute's beginning, ISO 8601. */
  readonly at: string;
  readonly depth: number | null;
  readonly delayed: number | null;
  readonly processing: number | null;
  /** Attempts that ended as processed, as failed for good, or with a retry, within the minute. */
  readonly processed: number;
  readonly failed: number;
  readonly retried: number;
  readonly executionMs: { readonly p50: number | null; readonly p95: number | null; readonly p99: number | null };
}

/** Minutes that one call makes good, oldest first. */
const MINUTES_MAX = 120;
const ENDED = `event IN ('processed', 'failed', 'retry_scheduled')`;

const SAMPLE: Statement = {
  name: 'sample_minutes',
  text: `WITH c AS MATERIALIZED (
    SELECT date_trunc('minute', clock_timestamp(), 'UTC') AS this_minute, date_trunc('minute', clock_timestamp(), 'UTC') - interval '1 day' AS day_ago),
  since AS MATERIALIZED (
    SELECT greatest(c.day_ago, coalesce((SELECT max(minute) + interval '1 minute' FROM history_minutes),
      (SELECT date_trunc('minute', min(at), 'UTC') FROM job_events WHERE ${ENDED} AND at >= c.day_ago),
      c.this_minute - interval '1 minute')) AS first FROM c),
  missing AS MATERIALIZED (
    SELECT m AS minute FROM c, since, generate_series(since.first, c.this_minute - interval '1 minute', interval '1 minute') m
    ORDER BY m LIMIT ${String(MINUTES_MAX)}),
  ended AS MATERIALIZED (
    SELECT date_trunc('minute', at, 'UTC') AS minute, event, (detail->>'duration_ms')::float8 AS ms FROM job_events
    WHERE ${ENDED} AND at >= (SELECT min(minute) FROM missing) AND at < (SELECT max(minute) + interval '1 minute' FROM missing)),
  sums AS (
    SELECT minute, (count(*) FILTER (WHERE event = 'processed'))::int AS processed, (count(*) FILTER (WHERE event = 'failed'))::int AS failed,
      (count(*) FILTER (WHERE event = 'retry_scheduled'))::int AS retried,
      percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY ms) AS percentiles
    FROM ended GROUP BY minute),
  stands AS (
    SELECT (count(*) FILTER (WHERE status = 'queued' AND coalesce(next_attempt_at <= clock_timestamp(), true)))::int AS depth,
      (count(*) FILTER (WHERE status = 'queued' AND next_attempt_at > clock_timestamp()))::int AS delayed,
      (count(*) FILTER (WHERE status = 'processing'))::int AS processing
    FROM application_tracking WHERE status IN ('queued', 'processing') AND EXISTS (SELECT FROM missing)),
  done AS (
    INSERT INTO history_minutes (minute, depth, delayed, processing, processed, failed, retried, p50_ms, p95_ms, p99_ms)
    SELECT m.minute, CASE WHEN seen THEN stands.depth END, CASE WHEN seen THEN stands.delayed END, CASE WHEN seen THEN stands.processing END,
      coalesce(processed, 0), coalesce(failed, 0), coalesce(retried, 0), percentiles[1], percentiles[2], percentiles[3]
    FROM missing m LEFT JOIN sums USING (minute), stands, c, LATERAL (SELECT m.minute = c.this_minute - interval '1 minute' AS seen) s
    ON CONFLICT (minute) DO NOTHING),
  pruned AS (DELETE FROM history_minutes WHERE minute < (SELECT this_minute FROM c) - interval '2 days')
  SELECT coalesce(max(m.minute) < c.this_minute - interval '1 minute', false) AS more,
    (extract(epoch FROM c.this_minute + interval '1 minute' - clock_timestamp()) * 1000)::float8 AS next_ms
  FROM c LEFT JOIN missing m ON true GROUP BY c.this_minute`,
};

const READ: Statement = {
  name: 'history_minutes',
  text: `SELECT minute, depth, delayed, processing, processed, failed, retried, p50_ms, p95_ms, p99_ms FROM history_minutes
    WHERE minute >= date_trunc('minute', clock_timestamp(), 'UTC') - $1::int * interval '1 hour' ORDER BY minute LIMIT 2880`,
};

export interface Sampled {
  /** Older minutes are still to be made good: call again. */
  readonly more: boolean;
  /** Until the running minute is over, by the database's clock. */
  readonly nextMs: number;
}

/** Writes the minutes that are over and missing; where there are none it reads one row. */
export async function sampleMinutes(db: Executor): Promise<Sampled> {
  const [row] = await db.query<{ more: boolean; next_ms: number }>(SAMPLE);
  return { more: row?.more ?? false, nextMs: row?.next_ms ?? 0 };
}

interface Row {
  minute: Date;
  depth: number | null;
  delayed: number | null;
  processing: number | null;
  processed: number;
  failed: number;
  retried: number;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
}

/** The minutes of the last hours, oldest first. */
export async function historyMinutes(db: Executor, hours: number): Promise<HistoryMinute[]> {
  const rows = await db.query<Row>(READ, [hours]);
  return rows.map(({ minute, p50_ms, p95_ms, p99_ms, ...row }) => ({
    at: minute.toISOString(),
    ...row,
    executionMs: { p50: p50_ms, p95: p95_ms, p99: p99_ms },
  }));
}
