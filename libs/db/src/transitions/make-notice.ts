// The only writer of new notices, but for bursts (send-notices.ts). A dead letter's is a piece of SQL that a transition puts
// into its own statement, so that failure and notice are one commit, and neither is there without the other.
import type { Executor, Statement } from '../connect/database.ts';

/**
 * A CTE which makes a notice for each row of `from` whose new status is `failed`, in the order given.
 * @param fingerprint,order SQL expressions over that CTE; constants of ours, never data
 */
export function deadLetterNoticeCte(from: string, columns: { fingerprint: string; order: string }): string {
  return `notice AS (
    INSERT INTO notices (kind, job_id, fingerprint)
    SELECT 'dead_letter', job_id, ${columns.fingerprint} FROM ${from} WHERE status = 'failed' ORDER BY ${columns.order})`;
}

const REMIND_SECONDS = 3600;
// The lease row says when the last one was made, and lets one of several who see the same make it: `until` is its time and an hour.
const STUCK: Statement = {
  name: 'note_stuck',
  text: `WITH c AS MATERIALIZED (SELECT clock_timestamp() + interval '${String(REMIND_SECONDS)} s' AS until),
  mine AS (
    INSERT INTO leases AS r (name, holder, until) SELECT 'stuck_notice', gen_random_uuid(), until FROM c
    ON CONFLICT (name) DO UPDATE SET until = excluded.until, term = r.term + 1
    WHERE r.until < excluded.until - $1::float8 * interval '1 s' RETURNING name)
  INSERT INTO notices (kind) SELECT 'stuck' FROM mine RETURNING id`,
};

/**
 * A notice that the queue is stuck: one for as long as it stays so, and one more for each hour.
 * @param idleSeconds for how long nothing has been taken
 * @returns its id; undefined where it was told already
 */
export async function noteStuck(db: Executor, idleSeconds: number): Promise<string | undefined> {
  const rows = await db.query<{ id: string }>(STUCK, [Math.min(idleSeconds, REMIND_SECONDS)]);
  return rows[0]?.id;
}
