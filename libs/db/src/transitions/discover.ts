// discover: postings → jobs, each with its tracking row and its event, in one statement. A posting that is known by
// source and external id is updated where it differs; a job's status is never touched. Order within the batch is the
// order of discovery. Rows are made in the order of their external ids, then changed in the order of their ids: two polls of
// one source at once wait for each other and do not deadlock.
import type { Executor, Statement } from '../connect/database.ts';
import { cleanText, toJson } from '../connect/clean.ts';
import { eventCte } from './record-event.ts';

export interface NewPosting {
  readonly external_id: string;
  readonly title: string;
  readonly company: string;
  readonly location?: string | null;
  readonly url?: string | null;
  readonly description?: string | null;
  /** ISO 8601 */
  readonly posted_at?: string | null;
}

export interface Discovered {
  readonly jobId: string;
  readonly externalId: string;
  readonly kind: 'new' | 'updated' | 'unchanged';
}

const FIELDS = 'title, company, location, url, description, posted_at';

const DISCOVER: Statement = {
  name: 'discover',
  text: `WITH asked AS MATERIALIZED (
    SELECT * FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (external_id text, title text, company text, location text,
      url text, description text, posted_at timestamptz)) WITH ORDINALITY
      AS a(external_id, ${FIELDS}, n)),
  numbered AS MATERIALIZED (
    SELECT s.*, nextval('discovery_seq') AS seq FROM (
      SELECT a.* FROM asked a LEFT JOIN jobs j ON j.source = $2 AND j.external_id = a.external_id
      WHERE j.id IS NULL ORDER BY a.n) s),
  made AS (
    INSERT INTO jobs (source, external_id, ${FIELDS}, discovery_seq, auto_enqueue)
    SELECT $2, external_id, ${FIELDS}, seq, $3::boolean FROM numbered ORDER BY external_id
    ON CONFLICT (source, external_id) DO NOTHING RETURNING id AS job_id, external_id),
  tracked AS (INSERT INTO application_tracking (job_id) SELECT job_id FROM made),
  differing AS MATERIALIZED (
    SELECT j.id, a.* FROM asked a JOIN jobs j ON j.source = $2 AND j.external_id = a.external_id
    WHERE (j.title, j.company, j.location, j.url, j.description, j.posted_at)
        IS DISTINCT FROM (a.title, a.company, a.location, a.url, a.description, a.posted_at)
      AND (SELECT count(*) FROM made) >= 0 ORDER BY j.id FOR UPDATE OF j),
  changed AS (
    UPDATE jobs j SET title = d.title, company = d.company, location = d.location, url = d.url,
      description = d.description, posted_at = d.posted_at, updated_at = clock_timestamp()
    FROM differing d WHERE j.id = d.id RETURNING j.id AS job_id, j.external_id),
  ${eventCte('made_event', 'made', { event: `'discovered'`, attempt: '0', detail: `jsonb_build_object('source', $2::text)` })},
  ${eventCte('changed_event', 'changed', { event: `'updated'`, attempt: '0' })}
  SELECT a.external_id, coalesce(m.job_id, c.job_id, j.id) AS job_id,
    CASE WHEN m.job_id IS NOT NULL THEN 'new' WHEN c.job_id IS NOT NULL THEN 'updated' ELSE 'unchanged' END AS kind
  FROM asked a LEFT JOIN made m USING (external_id) LEFT JOIN changed c USING (external_id)
    LEFT JOIN jobs j ON j.source = $2 AND j.external_id = a.external_id
  ORDER BY a.n`,
};

/** Splits a batch so that no part names one external id twice; the later mention then updates the earlier. */
function withoutRepeats(postings: readonly NewPosting[]): NewPosting[][] {
  const parts: NewPosting[][] = [];
  let ids = new Set<string>();
  for (const posting of postings) {
    if (parts.length === 0 || ids.has(posting.external_id)) {
      parts.push([]);
      ids = new Set();
    }
    parts.at(-1)?.push(posting);
    ids.add(posting.external_id);
  }
  return parts;
}

interface Row {
  external_id: string;
  job_id: string | null;
  kind: Discovered['kind'];
}

/**
 * What another poll inserts while we ask is neither made by us nor seen by our statement: its rows come without an id, and
 * are asked for once more, now that the other has committed.
 */
async function discoverPart(
  db: Executor,
  part: readonly NewPosting[],
  ask: { source: string; autoEnqueue: boolean },
): Promise<Discovered[]> {
  const run = (postings: readonly NewPosting[]): Promise<Row[]> =>
    db.query<Row>(DISCOVER, [toJson(postings), cleanText(ask.source), ask.autoEnqueue]);
  const rows = await run(part);
  const unseen = part.filter((_posting, i) => rows[i]?.job_id === null);
  const seen = new Map(unseen.length === 0 ? [] : (await run(unseen)).map((row) => [row.external_id, row]));
  return rows.map((first) => {
    const row = first.job_id === null ? seen.get(first.external_id) : first;
    if (typeof row?.job_id !== 'string') throw new Error('a posting was neither inserted nor found; poll again');
    return { jobId: row.job_id, externalId: row.external_id, kind: row.kind };
  });
}

/** @returns one answer for each posting, in order */
export async function discover(
  db: Executor,
  ask: { source: string; postings: readonly NewPosting[]; autoEnqueue: boolean },
): Promise<Discovered[]> {
  const answers: Discovered[] = [];
  for (const part of withoutRepeats(ask.postings)) {
    answers.push(...(await discoverPart(db, part, ask)));
  }
  return answers;
}
