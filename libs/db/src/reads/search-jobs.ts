// Jobs by status, source, words and time, newest discovery first, page by page. Each word of the text has to stand in
// title or company, without regard to case in any script; every character stands for itself.
// What it costs does not grow with the record: what many jobs have fills the page from the newest few thousand; words
// that few have are found by the index over their characters (job_words). A status stands in the text of the statement,
// not among its values: only so may a plan use that status' partial index.
import { cleanText } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';
import { STATUSES, type Status } from '../lifecycle/status.ts';
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

/** Jobs that are looked at in their order before the index is asked; more for a long page, so that what one in twenty has fills it, too. */
const NEWEST = 6000;
const NEWEST_LONG = 20_000;
const LONG_PAGE = 300;
/** Words that the index is asked for; the others are looked for in what it finds. */
const WORDS_BY_INDEX = 10;

/** Conditions on `jobs j`, `job_words w` and `application_tracking t`; the texts are constants, what is searched for is a value. */
interface Conditions {
  readonly ofJob: readonly string[];
  readonly ofWords: readonly string[];
  readonly byIndex: readonly string[];
  /** Of what the index finds, what comes later in the answer than the pages before. */
  readonly ofFound: readonly string[];
  readonly ofTracking: readonly string[];
  readonly values: readonly unknown[];
}

const all = (parts: readonly string[]): string => (parts.length === 0 ? 'true' : parts.join(' AND '));

/** The longest first: they are the rarest. */
function wordsOf(text: string): string[] {
  const words = cleanText(text).split(/\s+/);
  return [...new Set(words.filter((word) => word !== ''))].sort((a, b) => b.length - a.length);
}

function conditionsOf(search: JobSearch): Conditions {
  const values: unknown[] = [search.limit];
  const parameter = (value: unknown): string => `$${String(values.push(value))}`;
  const ofJob: string[] = [];
  if (search.source !== undefined) ofJob.push(`j.source = ${parameter(cleanText(search.source))}`);
  if (search.since !== undefined) ofJob.push(`j.discovered_at >= ${parameter(search.since)}::timestamptz`);
  const ofFound: string[] = [];
  if (search.beforeSeq !== undefined) {
    const before = `discovery_seq < ${parameter(search.beforeSeq)}::bigint`;
    ofJob.push(`j.${before}`);
    ofFound.push(`w.${before}`);
  }
  const words = wordsOf(search.text ?? '').map((word) => `${parameter(word)}::text`);
  const status = STATUSES.find((known) => known === search.status);
  return {
    ofJob,
    ofWords: words.map((word) => `strpos(w.words, jobhive_folded(${word})) > 0`),
    byIndex: words.slice(0, WORDS_BY_INDEX).map((word) => `jobhive_grams(w.words) @> jobhive_word_grams(${word})`),
    ofFound,
    ofTracking: status === undefined ? [] : [`t.status = '${status}'`],
    values,
  };
}

const COLUMNS = `${JOB_COLUMNS}, j.discovery_seq::float8 AS seq`;
const TRACKED = 'JOIN application_tracking t ON t.job_id = j.id';
const ORDER = 'ORDER BY j.discovery_seq DESC LIMIT $1::int';

/** In the order of the answer, as far as the page needs it: what the plan makes of it, by the statistics. */
function anyText({ ofJob, ofTracking }: Conditions): string {
  return `SELECT ${COLUMNS} FROM jobs j ${TRACKED} WHERE ${all([...ofJob, ...ofTracking])} ${ORDER}`;
}

function newestText({ ofJob, ofWords, ofTracking }: Conditions, newest: number): string {
  return `SELECT ${COLUMNS} FROM (SELECT * FROM jobs j WHERE ${all(ofJob)} ORDER BY j.discovery_seq DESC LIMIT ${String(newest)}) j
    ${ofWords.length === 0 ? '' : 'JOIN job_words w ON w.job_id = j.id'} ${TRACKED} WHERE ${all([...ofWords, ...ofTracking])} ${ORDER}`;
}

/** The jobs with these words first, then those of them that are asked for: no other order of steps is left to the plan. */
function byIndexText({ ofJob, ofWords, byIndex, ofFound, ofTracking }: Conditions): string {
  return `WITH found AS MATERIALIZED (
      SELECT w.job_id, w.discovery_seq FROM job_words w WHERE ${all([...byIndex, ...ofFound, ...ofWords])}),
    page AS MATERIALIZED (
      SELECT j.id FROM found JOIN jobs j ON j.id = found.job_id ${ofTracking.length === 0 ? '' : TRACKED}
      WHERE ${all([...ofJob, ...ofTracking])} ORDER BY found.discovery_seq DESC LIMIT $1::int)
    SELECT ${COLUMNS} FROM page JOIN jobs j USING (id) ${TRACKED} ${ORDER}`;
}

/** Named by what it asks, so that each kind of question is prepared once a connection. */
function statement(text: string): Statement {
  const hash = [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1e12, 7);
  return { name: `search_jobs_${hash.toString(36)}`, text };
}

type Row = JobRow & { seq: number };

async function rowsOf(db: Executor, search: JobSearch): Promise<Row[]> {
  const conditions = conditionsOf(search);
  const ask = (text: string): Promise<Row[]> => db.query<Row>(statement(text), conditions.values);
  const few = [...conditions.ofWords, ...conditions.ofTracking].length > 0;
  const newest = few ? await ask(newestText(conditions, search.limit > LONG_PAGE ? NEWEST_LONG : NEWEST)) : [];
  if (few && newest.length >= search.limit) return newest;
  return ask(conditions.ofWords.length === 0 ? anyText(conditions) : byIndexText(conditions));
}

export async function searchJobs(db: Executor, search: JobSearch): Promise<JobPage> {
  const rows = await rowsOf(db, search);
  return {
    jobs: rows.map(({ seq: _seq, ...row }) => toJobRow(row)),
    nextSeq: rows.length < search.limit ? null : (rows.at(-1)?.seq ?? null),
  };
}
