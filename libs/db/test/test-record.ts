// The record of one test file: a database of its own, jobs brought into any status by the real transitions, and a look at
// the rows as they are, down to the version of each (`xmin`), so that "no row changes" means no write at all.
import { randomUUID } from 'node:crypto';
import { testDatabase, waitFor } from '@jobhive/test-kit';
import type pg from 'pg';
import { openDatabase, type Database } from '../src/connect/database.ts';
import type { Claim } from '../src/lifecycle/claim.ts';
import type { ErrorInfo } from '../src/lifecycle/error-info.ts';
import type { StageRecord } from '../src/lifecycle/outcome.ts';
import type { Status } from '../src/lifecycle/status.ts';
import { migrate } from '../src/migrate.ts';
import { createTrackingRepository, type TrackingRepository } from '../src/tracking-repository.ts';
import type { Holder } from '../src/transitions/claim.ts';

/** A row of application_tracking, with its times as texts. */
export interface TrackingRow {
  readonly status: Status;
  readonly attempt: number;
  readonly claim_token: string | null;
  readonly settled_as: string | null;
  readonly lease_until: string | null;
  readonly holder: string | null;
  readonly worker_name: string | null;
  readonly current_stage: string | null;
  readonly queue_seq: number | null;
  readonly queued_at: string | null;
  readonly next_attempt_at: string | null;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly cancel_requested_at: string | null;
  readonly retry_after_count: number;
  readonly runs_alone: boolean;
  readonly stage_outputs: Record<string, Record<string, unknown>>;
  readonly error_info: ErrorInfo | null;
}

export interface EventRow {
  readonly event: string;
  readonly attempt: number;
  readonly worker_name: string | null;
  readonly detail: Record<string, unknown>;
}

export interface TestRecord {
  readonly db: Database;
  readonly repo: TrackingRepository;
  readonly client: pg.Pool;
  readonly url: string;
  readonly row: (jobId: string) => Promise<TrackingRow>;
  readonly events: (jobId: string) => Promise<EventRow[]>;
  /** The names of a job's events, in order. */
  readonly told: (jobId: string) => Promise<string[]>;
  /** All of application_tracking and job_events, each row with the version it has. */
  readonly everything: () => Promise<string>;
  /** Resolves once a statement of this database waits for a lock. */
  readonly somebodyWaits: () => Promise<void>;
  readonly sql: (text: string, values?: unknown[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function openRecord(connectionsMax = 8): Promise<TestRecord> {
  const database = await testDatabase({ migrate: async (at) => void (await migrate(at)) });
  const { url, client } = database;
  const db = openDatabase({ url, hot: true, connectionsMax });
  const events = async (jobId: string): Promise<EventRow[]> =>
    (
      await client.query<EventRow>(
        'SELECT event, attempt, worker_name, detail FROM job_events WHERE job_id = $1 ORDER BY id',
        [jobId],
      )
    ).rows;
  return {
    db,
    repo: createTrackingRepository(db),
    client,
    url,
    events,
    told: async (jobId) => (await events(jobId)).map((event) => event.event),
    row: async (jobId) => {
      const text = 'SELECT to_jsonb(t) AS row FROM application_tracking t WHERE job_id = $1';
      const found = (await client.query<{ row: TrackingRow }>(text, [jobId])).rows[0];
      if (found === undefined) throw new Error(`no row of job ${jobId}`);
      return found.row;
    },
    everything: async () => {
      const rows = await client.query<{
        all: string;
      }>(`SELECT coalesce(string_agg(line, E'\\n' ORDER BY line), '') AS all FROM (
        SELECT t.xmin || ' ' || t::text AS line FROM application_tracking t
        UNION ALL SELECT e.xmin || ' ' || e::text FROM job_events e) lines`);
      return rows.rows[0]?.all ?? '';
    },
    somebodyWaits: async () => {
      await waitFor('a statement to wait for a lock', async () => {
        const text = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        return (await client.query(text)).rowCount;
      });
    },
    sql: async (text, values) => void (await client.query(text, values)),
    close: async () => {
      await db.close();
      await database.drop();
    },
  };
}

export function holderOf(over: Partial<Holder> = {}): Holder {
  return { id: randomUUID(), sessionKey: null, workerName: 'worker-1', leaseMs: 30_000, ...over };
}

export function errorOf(over: Partial<ErrorInfo> = {}): ErrorInfo {
  return {
    name: 'Error',
    message: 'it broke',
    stack: null,
    stage: 'match',
    attempt: 1,
    worker_name: 'worker-1',
    at: '2026-01-01T00:00:00.000Z',
    fingerprint: 'abc',
    reason: 'error',
    previous: [],
    ...over,
  };
}

export function stageOf(stage: string, over: Partial<StageRecord> = {}): StageRecord {
  return {
    stage,
    outputJson: '{"score":0.8}',
    attempt: 1,
    version: 1,
    durationMs: 12,
    files: [],
    outdates: [],
    ...over,
  };
}

/** Fresh jobs in `discovered`, in order of discovery. */
export async function discovered(record: TestRecord, count: number, autoEnqueue = false): Promise<string[]> {
  const postings = Array.from({ length: count }, () => ({
    external_id: randomUUID(),
    title: 'Engineer',
    company: 'Acme',
  }));
  const answers = await record.repo.discover({ source: 'test', postings, autoEnqueue });
  return answers.map((answer) => answer.jobId);
}

/** Fresh jobs in `queued`, in this order. */
export async function queued(record: TestRecord, count: number): Promise<string[]> {
  const ids = await discovered(record, count);
  await record.repo.enqueue(
    ids.map((jobId) => ({ jobId, call: 0 })),
    0,
  );
  return ids;
}

/** Claims a queued job, a suspect too: nothing runs in a test's process. Fails where it is not won. */
export async function claimed(record: TestRecord, jobId: string, holder = holderOf()): Promise<Claim> {
  const [answer] = await record.repo.claim([{ jobId, token: randomUUID(), runsAlone: true }], holder);
  if (answer?.verdict !== 'won') throw new Error(`the claim was answered ${String(answer?.verdict)}`);
  return answer.claim;
}

/** A fresh job with a claim on it. */
export async function processing(record: TestRecord, holder = holderOf()): Promise<Claim> {
  const [jobId = ''] = await queued(record, 1);
  return claimed(record, jobId, holder);
}

/** A fresh job in `queued` whose first attempt ended with its worker: a suspect. @returns the claim that was lost */
export async function workerLost(record: TestRecord): Promise<Claim> {
  const lost = await processing(record);
  await leaseRunsOut(record, lost.jobId);
  await record.repo.expire([], 3);
  return lost;
}

/** A fresh job that failed for good. */
export async function failed(record: TestRecord, over: Partial<ErrorInfo> = {}): Promise<string> {
  const { jobId, token } = await processing(record);
  await record.repo.settle([{ jobId, token, outcome: { kind: 'failed', error: errorOf(over) } }]);
  return jobId;
}

/** A fresh job in that status, by the shortest way there. */
export async function jobIn(record: TestRecord, status: Status): Promise<string> {
  switch (status) {
    case 'discovered':
      return (await discovered(record, 1))[0] ?? '';
    case 'queued':
      return (await queued(record, 1))[0] ?? '';
    case 'processing':
      return (await processing(record)).jobId;
    case 'failed':
      return failed(record);
    case 'cancelled': {
      const [jobId = ''] = await queued(record, 1);
      await record.repo.cancel([jobId], 'test');
      return jobId;
    }
    case 'processed': {
      const { jobId, token } = await processing(record);
      await record.repo.settle([{ jobId, token, outcome: { kind: 'processed', last: undefined } }]);
      return jobId;
    }
  }
}

/** Lets the lease of a claim run out. */
export async function leaseRunsOut(record: TestRecord, jobId: string): Promise<void> {
  await record.sql(
    `UPDATE application_tracking SET lease_until = clock_timestamp() - interval '1 ms' WHERE job_id = $1`,
    [jobId],
  );
}
