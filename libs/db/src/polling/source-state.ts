// What the poller remembers of a source: the last success, the next poll, how often in a row it failed.
import { cleanText, toJson } from '../connect/clean.ts';
import type { Executor, Statement } from '../connect/database.ts';

export interface SourceState {
  readonly source: string;
  readonly lastSuccess: Date | null;
  readonly nextPoll: Date | null;
  readonly failures: number;
  readonly error: string | null;
  /** What the source itself wants to keep between polls (an ETag, say). */
  readonly memory: Readonly<Record<string, unknown>>;
}

const LIST: Statement = {
  name: 'source_states',
  text: 'SELECT source, last_success, next_poll, failures, error, memory FROM source_states ORDER BY source',
};
const SUCCEEDED: Statement = {
  name: 'source_succeeded',
  text: `INSERT INTO source_states (source, last_success, next_poll, memory) VALUES ($1, clock_timestamp(), clock_timestamp() + $2::float8 * interval '1 s', $3::jsonb)
    ON CONFLICT (source) DO UPDATE SET last_success = excluded.last_success, next_poll = excluded.next_poll, memory = excluded.memory, failures = 0, error = NULL`,
};
const FAILED: Statement = {
  name: 'source_failed',
  text: `INSERT INTO source_states AS s (source, next_poll, failures, error) VALUES ($1, clock_timestamp() + $2::float8 * interval '1 s', 1, $3)
    ON CONFLICT (source) DO UPDATE SET next_poll = excluded.next_poll, failures = s.failures + 1, error = excluded.error`,
};

export async function sourceStates(db: Executor): Promise<SourceState[]> {
  const rows = await db.query<{
    source: string;
    last_success: Date | null;
    next_poll: Date | null;
    failures: number;
    error: string | null;
    memory: Record<string, unknown>;
  }>(LIST);
  return rows.map((row) => ({
    source: row.source,
    lastSuccess: row.last_success,
    nextPoll: row.next_poll,
    failures: row.failures,
    error: row.error,
    memory: row.memory,
  }));
}

export async function sourceSucceeded(
  db: Executor,
  done: { source: string; nextPollSeconds: number; memory?: Readonly<Record<string, unknown>> },
): Promise<void> {
  await db.query(SUCCEEDED, [cleanText(done.source), done.nextPollSeconds, toJson(done.memory ?? {})]);
}

export async function sourceFailed(
  db: Executor,
  failed: { source: string; nextPollSeconds: number; error: string },
): Promise<void> {
  await db.query(FAILED, [cleanText(failed.source), failed.nextPollSeconds, cleanText(failed.error)]);
}
