// Jobs by status, source, words and time, newest discovery first, page by page. Each word of the text has to stand in
// title or company, ignoring case; every character stands for itself.
import { cleanText } from '../connect/clean.ts';
import type { Executor } from '../connect/database.ts';
import type { Status } from '../lifecycle/status.ts';
import { JOB_COLUMNS, toJobRow, type JobRow } from './job-row.ts';

export interface JobSearch {
  readonly status?: Status | undefined;
  readonly source?: string | undefined;
  readonly text?: string | undefined;
  readonly since?: Date | undefined;
  /** Of the last row of the page before: only what was discovered earlier. */
  readonly beforeSeq?: number | undefined;
  readonly limit: number;
}

export interface JobPage {
  readonly jobs: JobRow[];
  /** Pass it as `beforeSeq` for the next page; null at the end. */
  readonly nextSeq: number | null;
}

function likePattern(word: string): string {
  return `%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

/** Conditions and their values; the texts are constants, the values are parameters. */
function conditions(search: JobSearch): { where: string; values: unknown[] } {
  const values: unknown[] = [];
  const parts: string[] = [];
  const add = (part: (parameter: string) => string, value: unknown): void => {
    values.push(value);
    parts.push(part(`$${String(values.length)}`));
  };
  if (search.status !== undefined) add((p) => `t.status = ${p}`, search.status);
  if (search.source !== undefined) add((p) => `j.source = ${p}`, cleanText(search.source));
  if (search.since !== undefined) add((p) => `j.discovered_at >= ${p}`, search.since);
  if (search.beforeSeq !== undefined) add((p) => `j.discovery_seq < ${p}`, search.beforeSeq);
  for (const word of cleanText(search.text ?? '')
    .split(/\s+/)
    .filter((part) => part !== '')) {
    add((p) => `(j.title || ' ' || j.company) ILIKE ${p}`, likePattern(word));
  }
  return { where: parts.length === 0 ? 'true' : parts.join(' AND '), values };
}

export async function searchJobs(db: Executor, search: JobSearch): Promise<JobPage> {
  const { where, values } = conditions(search);
  const text = `SELECT ${JOB_COLUMNS}, j.discovery_seq::float8 AS seq FROM jobs j JOIN application_tracking t ON t.job_id = j.id
    WHERE ${where} ORDER BY j.discovery_seq DESC LIMIT $${String(values.length + 1)}`;
  const name = `search_jobs_${String(where.length)}_${String(values.length)}_${[...where].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 1e9, 7).toString(36)}`;
  const rows = await db.query<JobRow & { seq: number }>({ name, text }, [...values, search.limit]);
  return {
    jobs: rows.map(({ seq: _seq, ...row }) => toJobRow(row)),
    nextSeq: rows.length < search.limit ? null : (rows.at(-1)?.seq ?? null),
  };
}
