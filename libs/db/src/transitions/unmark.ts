// A piece of SQL for the transitions that take a job out of the poller's own list (`jobs.auto_enqueue`): of the rows of
// `done`. The rows are locked in id order, as all rows are, and found by the primary key alone: a plain `AND auto_enqueue`
// would let a plan read the whole partial index.

export const UNMARK = `marked AS MATERIALIZED (
    SELECT j.id FROM jobs j WHERE j.id IN (SELECT job_id FROM done) AND j.auto_enqueue::int = 1 ORDER BY j.id FOR UPDATE),
  unmarked AS (UPDATE jobs j SET auto_enqueue = false FROM marked WHERE j.id = marked.id)`;
