// One job with all that is on record of it, and its timeline.
import type { Executor, Statement } from '../connect/database.ts';
import type { ErrorInfo } from '../lifecycle/error-info.ts';
import type { StageCheckpoint } from '../lifecycle/claim.ts';
import { WAIT_EVENTS, type JobEvent, type SystemEvent } from '../lifecycle/status.ts';
import { JOB_COLUMNS, toJobRow, type JobRow } from './job-row.ts';

export interface JobRecord {
  readonly row: JobRow;
  readonly workerName: string | null;
  readonly leaseUntil: Date | null;
  readonly nextAttemptAt: Date | null;
  readonly cancelRequestedAt: Date | null;
  readonly currentStage: string | null;
  readonly queueSeq: number | null;
  readonly stageOutputs: Readonly<Record<string, StageCheckpoint>>;
  readonly errorInfo: ErrorInfo | null;
}

/** A row of `job_events`, oldest first. */
export interface TimelineEntry {
  readonly at: string;
  readonly event: JobEvent;
  readonly attempt: number;
  readonly worker_name: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface SystemEntry {
  readonly at: string;
  readonly event: SystemEvent;
  readonly detail: Readonly<Record<string, unknown>>;
}

const FIND: Statement = {
  name: 'find_job',
  text: `SELECT ${JOB_COLUMNS}, t.worker_name, t.lease_until, t.next_attempt_at, t.cancel_requested_at, t.current_stage,
    t.queue_seq::float8 AS queue_seq, t.stage_outputs, t.error_info
    FROM jobs j JOIN application_tracking t ON t.job_id = j.id WHERE j.id = $1::uuid`,
};
const TIMELINE: Statement = {
  name: 'timeline',
  text: `SELECT at, event, attempt, worker_name, detail FROM job_events WHERE job_id = $1::uuid ORDER BY id`,
};
const WAITS = WAIT_EVENTS.map((event) => `'${event}'`).join(', ');
/** Of one kind, by an index that has no other kinds in it: workers that start and stop are far more. */
const newestOf = (rows: number, when: string): string =>
  `SELECT e.id, e.at, e.event, e.detail FROM unnest(ARRAY[${WAITS}]) AS kind, LATERAL (
      SELECT * FROM system_events WHERE event = kind AND event IN (${WAITS}) AND ${when} ORDER BY at DESC LIMIT ${String(rows)}) e`;
/** What began or ended a wait of all jobs since a time, and the last one of each kind before it: what held at that time. */
const SYSTEM: Statement = {
  name: 'outages_since',
  text: `SELECT at, event, detail FROM (
    ${newestOf(10_000, 'at >= $1::timestamptz')}
    UNION ALL ${newestOf(1, 'at < $1::timestamptz')}) told ORDER BY id`,
};

interface Raw extends JobRow {
  worker_name: string | null;
  lease_until: Date | null;
  next_attempt_at: Date | null;
  cancel_requested_at: Date | null;
  current_stage: string | null;
  queue_seq: number | null;
  stage_outputs: Record<string, StageCheckpoint>;
  error_info: ErrorInfo | null;
}

export async function findJob(db: Executor, jobId: string): Promise<JobRecord | undefined> {
  const raw = (await db.query<Raw>(FIND, [jobId]))[0];
  if (raw === undefined) return undefined;
  const {
    worker_name,
    lease_until,
    next_attempt_at,
    cancel_requested_at,
    current_stage,
    queue_seq,
    stage_outputs,
    error_info,
    ...row
  } = raw;
  return {
    row: toJobRow(row),
    workerName: worker_name,
    leaseUntil: lease_until,
    nextAttemptAt: next_attempt_at,
    cancelRequestedAt: cancel_requested_at,
    currentStage: current_stage,
    queueSeq: queue_seq,
    stageOutputs: stage_outputs,
    errorInfo: error_info,
  };
}

export async function timeline(db: Executor, jobId: string): Promise<TimelineEntry[]> {
  const rows = await db.query<Omit<TimelineEntry, 'at'> & { at: Date }>(TIMELINE, [jobId]);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

export async function systemEventsSince(db: Executor, since: Date): Promise<SystemEntry[]> {
  const rows = await db.query<Omit<SystemEntry, 'at'> & { at: Date }>(SYSTEM, [since]);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
