// What did not fit, and why: one row for each place of a source, the latest reason. The newest 10,000 of a source are kept.
import { cleanText, toJson } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';

export interface RejectedPosting {
  readonly source: string;
  /** Where it stands in the source, `line 17` say. */
  readonly place: string;
  readonly external_id: string | null;
  readonly reason: string;
  readonly at: string;
}

const RECORD: Statement = {
  name: 'record_rejected',
  text: `INSERT INTO rejected_postings AS r (source, place, external_id, reason)
    SELECT $1, place, external_id, reason FROM (
      SELECT DISTINCT ON (place) * FROM ROWS FROM (jsonb_to_recordset($2::jsonb) AS (place text, external_id text, reason text))
        WITH ORDINALITY AS a(place, external_id, reason, n) ORDER BY place, n DESC) latest ORDER BY n
    ON CONFLICT (source, place) DO UPDATE SET external_id = excluded.external_id, reason = excluded.reason, at = excluded.at`,
};
const TRIM: Statement = {
  name: 'trim_rejected',
  text: `DELETE FROM rejected_postings WHERE source = $1 AND id <= (
    SELECT id FROM rejected_postings WHERE source = $1 ORDER BY id DESC OFFSET 10000 LIMIT 1)`,
};
const LIST: Statement = {
  name: 'rejected_postings',
  text: 'SELECT source, place, external_id, reason, at FROM rejected_postings ORDER BY at DESC, id DESC LIMIT $1::int',
};

export async function recordRejected(
  db: Executor,
  source: string,
  rejected: readonly { place: string; external_id: string | null; reason: string }[],
): Promise<void> {
  if (rejected.length === 0) return;
  await db.query(RECORD, [cleanText(source), toJson(rejected)]);
  await db.query(TRIM, [cleanText(source)]);
}

/** Newest first. */
export async function rejectedPostings(db: Executor, limit: number): Promise<RejectedPosting[]> {
  const rows = await db.query<Omit<RejectedPosting, 'at'> & { at: Date }>(LIST, [limit]);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
