// The first step of every transition: the rows of the ids in $1, locked in id order, as they stand once any transition
// under way has ended. A look beside the UPDATE would read the statement's older snapshot and call a running ask of
// one's own stale; rows locked in another order deadlock. The WHERE names the primary key alone, so that no plan can
// read the backlog to find one row.
// The CHECKs are applied to the new row as it follows from the statement's snapshot, before the update finds that there is
// a newer version: a transition sets each column that the CHECKs of its new status name, from `l` where it keeps the value.

/** @param columns further columns that the transition decides by or carries on */
export function lockRows(...columns: string[]): string {
  return `l AS MATERIALIZED (
    SELECT ${['job_id', 'status', 'attempt', 'claim_token', 'settled_as', ...columns].join(', ')}
    FROM application_tracking WHERE job_id = ANY($1::uuid[]) ORDER BY job_id FOR UPDATE)`;
}

/** True where the row in `l` is held under the token in `a`: the guard of everything a worker writes. */
export const HELD = `(l.status = 'processing') IS TRUE AND l.claim_token = a.token`;
