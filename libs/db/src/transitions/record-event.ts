// The only writer of job_events: a piece of SQL that a transition puts into its own statement, so that change and event
// are one commit. It cannot run by itself.

/**
 * A CTE which writes one event for each row of `from`.
 * @param from name of a CTE with the columns that the expressions use
 * @param columns SQL expressions over that CTE; constants of ours, never data
 */
export function eventCte(
  name: string,
  from: string,
  columns: { event: string; attempt?: string; worker?: string; detail?: string; where?: string; order?: string },
): string {
  return `${name} AS (
    INSERT INTO job_events (job_id, event, attempt, worker_name, detail)
    SELECT job_id, ${columns.event}, ${columns.attempt ?? 'attempt'}, ${columns.worker ?? 'NULL::text'}, ${columns.detail ?? `'{}'::jsonb`}
    FROM ${from}${columns.where === undefined ? '' : ` WHERE ${columns.where}`}${columns.order === undefined ? '' : ` ORDER BY ${columns.order}`}
  )`;
}

/** A CTE's text and the name of its file's statement are constants; `UTC_NOW` is the time as ISO 8601 for a jsonb record. */
export const UTC_NOW = `to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
