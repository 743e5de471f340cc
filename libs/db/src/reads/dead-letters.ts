// The dead-letter queue as Postgres has it: the jobs that failed for good, oldest failure first, and grouped by the
// fingerprint of their error.
import { arrayLiteral, cleanText } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';

export interface DeadLetter {
  readonly job_id: string;
  readonly failed_at: string;
  readonly attempts: number;
  readonly stage: string | null;
  readonly name: string | null;
  readonly message: string | null;
  readonly fingerprint: string | null;
}

export interface DeadLetterGroup {
  readonly fingerprint: string;
  readonly count: number;
  readonly name: string | null;
  readonly message: string | null;
  readonly stage: string | null;
  readonly oldest_at: string;
  readonly newest_at: string;
}

/** Where a page ended: the time of failure, to the microsecond (ISO 8601), and the id of its last row. */
export interface DeadLetterCursor {
  readonly failedAt: string;
  readonly jobId: string;
}

/** Times of this page in full: cut to milliseconds a cursor would stand before its own row, and name it again for ever. */
const FAILED_AT = `to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS failed_at`;
const AFTER = `(finished_at, job_id) > (coalesce($1::timestamptz, '-infinity'), coalesce($2::uuid, '00000000-0000-0000-0000-000000000000'))`;
const SCORE = `floor(extract(epoch FROM finished_at) * 1000)::float8 AS score`;

const LETTER = `job_id, ${FAILED_AT}, attempt AS attempts, error_info->>'stage' AS stage, error_info->>'name' AS name,
  error_info->>'message' AS message, fingerprint`;

const LIST: Statement = {
  name: 'dead_letters',
  text: `SELECT ${LETTER} FROM application_tracking WHERE status = 'failed' AND ${AFTER}
    ORDER BY finished_at, job_id LIMIT $3::int`,
};
/** Looks at each in its order until the page is full: words that few have cost a look at all of them, and no more. */
const SEARCH: Statement = {
  name: 'search_dead_letters',
  text: `SELECT ${LETTER} FROM application_tracking, jobhive_folded(concat_ws(' ', job_id, fingerprint,
      error_info->>'stage', error_info->>'name', error_info->>'message')) AS told
    WHERE status = 'failed' AND NOT EXISTS (
      SELECT FROM unnest($1::text[]) AS word WHERE strpos(told, jobhive_folded(word)) = 0)
    ORDER BY finished_at, job_id LIMIT $2::int`,
};
/** Counted by the index alone; of each group one document is read, its newest. */
const GROUPS: Statement = {
  name: 'dead_letter_groups',
  text: `SELECT g.*, e.name, e.message, e.stage FROM (
      SELECT fingerprint, count(*)::int AS count, min(finished_at) AS oldest_at, max(finished_at) AS newest_at
      FROM application_tracking WHERE status = 'failed' AND fingerprint IS NOT NULL GROUP BY fingerprint) g,
    LATERAL (SELECT error_info->>'name' AS name, error_info->>'message' AS message, error_info->>'stage' AS stage
      FROM application_tracking WHERE status = 'failed' AND fingerprint = g.fingerprint AND finished_at = g.newest_at
      ORDER BY job_id DESC LIMIT 1) e
    ORDER BY g.count DESC, g.newest_at DESC`,
};
const IDS: Statement = {
  name: 'dead_letter_ids',
  text: `SELECT job_id FROM application_tracking WHERE status = 'failed' ORDER BY finished_at, job_id`,
};
const IDS_OF_GROUP: Statement = {
  name: 'dead_letter_ids_of_group',
  text: `SELECT job_id FROM application_tracking WHERE status = 'failed' AND fingerprint = $1
    ORDER BY finished_at, job_id`,
};
const SCORES: Statement = {
  name: 'dead_letter_scores',
  text: `SELECT job_id, ${FAILED_AT}, ${SCORE} FROM application_tracking
    WHERE status = 'failed' AND ${AFTER}
    ORDER BY finished_at, job_id LIMIT $3::int`,
};
const SCORES_OF: Statement = {
  name: 'dead_letter_scores_of',
  text: `SELECT job_id, ${FAILED_AT}, ${SCORE} FROM application_tracking
    WHERE job_id = ANY($1::uuid[]) AND (status || '') = 'failed'`,
};

const STAGES: Statement = {
  name: 'stages_on_record',
  text: `SELECT DISTINCT stage FROM application_tracking, LATERAL (
      SELECT jsonb_object_keys(stage_outputs) UNION ALL SELECT error_info->>'stage') AS s(stage)
    WHERE job_id = ANY($1::uuid[]) AND stage IS NOT NULL ORDER BY stage`,
};

/** Oldest failure first, from after the cursor. */
export async function deadLetters(db: Executor, limit: number, after?: DeadLetterCursor): Promise<DeadLetter[]> {
  return db.query<DeadLetter & Record<string, unknown>>(LIST, [after?.failedAt ?? null, after?.jobId ?? null, limit]);
}

/** Those with each of these words in what `deadLetters` tells of them, without regard to case. Oldest failure first. */
export async function searchDeadLetters(db: Executor, text: string, limit: number): Promise<DeadLetter[]> {
  const words = cleanText(text).split(/\s+/);
  return db.query<DeadLetter & Record<string, unknown>>(SEARCH, [words, limit]);
}

/** Largest first; the words are the newest failure's. */
export async function deadLetterGroups(db: Executor): Promise<DeadLetterGroup[]> {
  const rows = await db.query<Omit<DeadLetterGroup, 'oldest_at' | 'newest_at'> & { oldest_at: Date; newest_at: Date }>(
    GROUPS,
  );
  return rows.map(({ oldest_at, newest_at, ...row }) => ({
    ...row,
    oldest_at: oldest_at.toISOString(),
    newest_at: newest_at.toISOString(),
  }));
}

/** All ids, or those of one fingerprint, oldest failure first. */
export async function deadLetterIds(db: Executor, fingerprint?: string): Promise<string[]> {
  const rows =
    fingerprint === undefined
      ? await db.query<{ job_id: string }>(IDS)
      : await db.query<{ job_id: string }>(IDS_OF_GROUP, [cleanText(fingerprint)]);
  return rows.map((row) => row.job_id);
}

/** Names of the stages that these jobs finished, or failed in. */
export async function stagesOnRecord(db: Executor, jobIds: readonly string[]): Promise<string[]> {
  return (await db.query<{ stage: string }>(STAGES, [arrayLiteral(jobIds)])).map(({ stage }) => stage);
}

export interface DeadLetterScore {
  readonly jobId: string;
  /** Time of failure, ms since the epoch: the score in the sorted set. */
  readonly score: number;
  /** The same to the microsecond, so that the next page begins behind this row; absent where only the score is known. */
  readonly failedAt?: string;
}

interface ScoreRow {
  job_id: string;
  failed_at: string;
  score: number;
}
const toScore = (row: ScoreRow): DeadLetterScore => ({ jobId: row.job_id, failedAt: row.failed_at, score: row.score });

/** A page of what the sorted set in Redis has to hold, in order. */
export async function deadLetterScores(
  db: Executor,
  limit: number,
  after?: DeadLetterScore,
): Promise<DeadLetterScore[]> {
  const from = after === undefined ? null : (after.failedAt ?? new Date(after.score).toISOString());
  return (await db.query<ScoreRow>(SCORES, [from, after?.jobId ?? null, limit])).map(toScore);
}

/** Of these ids, those which are failed, with their scores. */
export async function deadLetterScoresOf(db: Executor, jobIds: readonly string[]): Promise<DeadLetterScore[]> {
  return (await db.query<ScoreRow>(SCORES_OF, [arrayLiteral(jobIds)])).map(toScore);
}
