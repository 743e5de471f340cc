// A job as people are shown it: the columns of the contract's `jobs` document, in its order and its names.
import type { Status } from '../lifecycle/status.ts';

export interface JobRow {
  readonly job_id: string;
  readonly source: string;
  readonly external_id: string;
  readonly title: string;
  readonly company: string;
  readonly location: string | null;
  readonly url: string | null;
  readonly status: Status;
  readonly attempt: number;
  readonly discovered_at: string;
  readonly queued_at: string | null;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

/** The columns of a JobRow, over `jobs j` and `application_tracking t`. */
export const JOB_COLUMNS = `j.id AS job_id, j.source, j.external_id, j.title, j.company, j.location, j.url, t.status, t.attempt,
  j.discovered_at, t.queued_at, t.started_at, t.finished_at`;

type Raw = { [Key in keyof JobRow]: JobRow[Key] extends string | null ? JobRow[Key] | Date : JobRow[Key] };

/** Times as ISO 8601. */
export function toJobRow(raw: Raw): JobRow {
  const entries = Object.entries(raw).map(([key, value]) => [key, value instanceof Date ? value.toISOString() : value]);
  return Object.fromEntries(entries) as JobRow; // the same keys, with each Date as its text
}
