/**
 * What Postgres has on record, read for assertions only: rows, timelines, waits for a status. It changes nothing, and goes past
 * the product's own reads on purpose.
 */
import { waitFor, type TestDatabase } from '@jobhive/test-kit';
import type { ErrorInfo } from '@jobhive/db';

export interface TrackingRow {
  readonly job_id: string;
  readonly status: string;
  readonly attempt: number;
  readonly worker_name: string | null;
  readonly claim_token: string | null;
  readonly lease_until: Date | null;
  readonly queue_seq: string | null;
  readonly queued_at: Date | null;
  readonly next_attempt_at: Date | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly cancel_requested_at: Date | null;
  readonly stage_outputs: Readonly<Record<string, StageOutput>>;
  readonly error_info: ErrorInfo | null;
}

export interface StageOutput {
  readonly output: unknown;
  readonly attempt: number;
  readonly version: number;
  readonly duration_ms: number;
  readonly at: string;
}

export interface EventRow {
  readonly job_id: string;
  readonly at: Date;
  readonly event: string;
  readonly attempt: number;
  readonly worker_name: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Recorded {
  row(jobId: string): Promise<TrackingRow>;
  /** Oldest first. */
  events(jobId: string): Promise<readonly EventRow[]>;
  /** Names of events, oldest first; without `dispatched`, which tells of Redis, not of the job. */
  story(jobId: string): Promise<readonly string[]>;
  /** All events of one name, in the order in which they happened. */
  eventsNamed(name: string): Promise<readonly EventRow[]>;
  /** In the order of discovery. */
  jobIds(): Promise<readonly string[]>;
  statuses(jobIds: readonly string[]): Promise<readonly string[]>;
  untilStatus(jobIds: readonly string[], status: string, timeoutMs?: number): Promise<void>;
  untilEvent(jobId: string, name: string, count?: number, timeoutMs?: number): Promise<readonly EventRow[]>;
}

const ASK_EVERY_MS = 25;

export function recordOf({ client }: TestDatabase): Recorded {
  const events = async (jobId: string): Promise<readonly EventRow[]> =>
    (await client.query<EventRow>('SELECT * FROM job_events WHERE job_id = $1 ORDER BY id', [jobId])).rows;
  const statuses = async (jobIds: readonly string[]): Promise<readonly string[]> => {
    const { rows } = await client.query<{ job_id: string; status: string }>(
      'SELECT job_id, status FROM application_tracking WHERE job_id = ANY ($1)',
      [jobIds],
    );
    const byId = new Map(rows.map((row) => [row.job_id, row.status]));
    return jobIds.map((jobId) => byId.get(jobId) ?? 'unknown');
  };
  const row = async (jobId: string): Promise<TrackingRow> => {
    const { rows } = await client.query<TrackingRow>('SELECT * FROM application_tracking WHERE job_id = $1', [jobId]);
    if (rows[0] === undefined) throw new Error(`no row of job ${jobId}`);
    return rows[0];
  };
  const told = async (jobId: string): Promise<string> =>
    JSON.stringify({ events: await events(jobId), error: (await row(jobId)).error_info }, undefined, 1);
  return {
    row,
    events,
    statuses,
    story: async (jobId) => (await events(jobId)).map(({ event }) => event).filter((event) => event !== 'dispatched'),
    eventsNamed: async (name) =>
      (await client.query<EventRow>('SELECT * FROM job_events WHERE event = $1 ORDER BY at, id', [name])).rows,
    jobIds: async () =>
      (await client.query<{ id: string }>('SELECT id FROM jobs ORDER BY discovery_seq')).rows.map(({ id }) => id),
    untilStatus: async (jobIds, status, timeoutMs = 20_000) => {
      let seen: readonly string[] = [];
      const reached = async (): Promise<boolean> => (seen = await statuses(jobIds)).every((one) => one === status);
      const describe = async (): Promise<string> => {
        const late = jobIds.find((_, n) => seen[n] !== status);
        return `${seen.join(' ')}\n${late === undefined ? '' : await told(late)}`;
      };
      await waitFor(`all to be ${status}`, reached, { timeoutMs, intervalMs: ASK_EVERY_MS, describe });
    },
    untilEvent: (jobId, name, count = 1, timeoutMs = 20_000) =>
      waitFor(
        `${String(count)} × ${name}`,
        async () => {
          const found = (await events(jobId)).filter(({ event }) => event === name);
          return found.length >= count ? found : false;
        },
        { timeoutMs, intervalMs: ASK_EVERY_MS, describe: () => told(jobId) },
      ),
  };
}
