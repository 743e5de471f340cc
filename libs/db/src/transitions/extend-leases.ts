// Two statements about leases of others. A lease that ran out proves a lost worker only if Postgres was there to renew it:
// whoever comes first after an outage moves all of them on, far enough for those that still hang in it. And a session lock that is gone shortens a lease to
// three seconds, no more: a living worker renews within one and so restores it.
import type { Executor, Statement } from '../connect/database.ts';

/** No tick of anybody for this long is an outage of Postgres. */
const OUTAGE_SECONDS = 3;
/** A living worker hangs no longer than this in a question of before (database.ts gives it up after 7 s), and then renews. */
const BACK_MS = 10_000;
const SHORTENED_SECONDS = 3;

const AFTER_OUTAGE: Statement = {
  name: 'extend_leases_after_outage',
  text: `WITH q AS MATERIALIZED (
    SELECT id, last_tick < clock_timestamp() - interval '${String(OUTAGE_SECONDS)} s' AS outage FROM queue_state FOR UPDATE),
  p AS MATERIALIZED (
    SELECT job_id FROM application_tracking WHERE status = 'processing' AND (SELECT outage FROM q)
    ORDER BY job_id FOR UPDATE SKIP LOCKED),
  moved AS (
    UPDATE application_tracking t SET lease_until = greatest(t.lease_until, clock_timestamp() + $1::float8 * interval '1 ms')
    FROM p WHERE t.job_id = p.job_id RETURNING t.job_id),
  beat AS (UPDATE queue_state s SET last_tick = clock_timestamp() FROM q WHERE s.id = q.id AND q.outage)
  SELECT (SELECT outage FROM q) AS outage, (SELECT count(*)::int FROM moved) AS moved`,
};

const WITHOUT_SESSION: Statement = {
  name: 'shorten_leases_without_session',
  text: `WITH locks AS MATERIALIZED (
    SELECT (classid::bigint << 32) | objid::bigint AS key FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())),
  p AS MATERIALIZED (
    SELECT job_id FROM application_tracking t WHERE status = 'processing' AND session_key IS NOT NULL
      AND lease_until > clock_timestamp() + interval '${String(SHORTENED_SECONDS)} s'
      AND NOT EXISTS (SELECT FROM locks WHERE locks.key = t.session_key)
      AND pg_postmaster_start_time() < clock_timestamp() - $1::float8 * interval '1 ms'
    ORDER BY job_id FOR UPDATE SKIP LOCKED)
  UPDATE application_tracking t SET lease_until = clock_timestamp() + interval '${String(SHORTENED_SECONDS)} s'
  FROM p WHERE t.job_id = p.job_id RETURNING t.job_id`,
};

/** Before the first tick of a process and the first after a failed one, and before anything is expired. @returns whether there was an outage, and how many leases moved on */
export async function extendLeasesAfterOutage(
  db: Executor,
  leaseMs: number,
): Promise<{ outage: boolean; moved: number }> {
  const rows = await db.query<{ outage: boolean; moved: number }>(AFTER_OUTAGE, [Math.max(leaseMs, BACK_MS)]);
  return rows[0] ?? { outage: false, moved: 0 };
}

/** @returns the jobs whose holder's session is gone; ignored while the server is younger than a lease */
export async function shortenLeasesWithoutSession(db: Executor, leaseMs: number): Promise<string[]> {
  const rows = await db.query<{ job_id: string }>(WITHOUT_SESSION, [leaseMs]);
  return rows.map((row) => row.job_id);
}
