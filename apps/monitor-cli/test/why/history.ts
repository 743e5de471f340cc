// Histories for tests: a job, its events at seconds from a beginning, and what was live.
import type { JobRecord, Status, SystemEntry, TimelineEntry } from '@jobhive/db';
import type { LiveFacts } from '../../src/why/facts.ts';
import type { Wait } from '../../src/why/wait.ts';

export const BEGIN = Date.parse('2026-03-01T12:00:00.000Z');
export const at = (seconds: number): string => new Date(BEGIN + seconds * 1000).toISOString();
export const now = (seconds: number): Date => new Date(BEGIN + seconds * 1000);

export const JOB_ID = '0b8fc9a6-5a3e-4d0c-9a52-3f2f6f0d8a11';

export function event(
  seconds: number,
  name: TimelineEntry['event'],
  more: { detail?: Record<string, unknown>; attempt?: number; worker?: string } = {},
): TimelineEntry {
  return {
    at: at(seconds),
    event: name,
    attempt: more.attempt ?? 1,
    worker_name: more.worker ?? null,
    detail: more.detail ?? {},
  };
}

export function system(seconds: number, name: SystemEntry['event'], detail: Record<string, unknown> = {}): SystemEntry {
  return { at: at(seconds), event: name, detail };
}

export function job(status: Status, more: Partial<JobRecord> = {}, row: Partial<JobRecord['row']> = {}): JobRecord {
  return {
    row: {
      job_id: JOB_ID,
      source: 'file:x',
      external_id: '1',
      title: 'Title',
      company: 'Company',
      location: null,
      url: null,
      status,
      attempt: 1,
      discovered_at: at(-10),
      queued_at: at(0),
      started_at: null,
      finished_at: null,
      ...row,
    },
    workerName: null,
    leaseUntil: null,
    nextAttemptAt: null,
    cancelRequestedAt: null,
    currentStage: null,
    queueSeq: 7,
    stageOutputs: {},
    errorInfo: null,
    ...more,
  };
}

export const calm: LiveFacts = {
  paused: false,
  redisOk: true,
  workers: { alive: 2, slots: 4, slotsFree: 1, meanMs: 2000, lastBeatMs: 400 },
  lastTickMs: 700,
  jobsAhead: 0,
  redisBehind: null,
};

/** `worker 5, stage:match 2, paused 0…`: what was waited for, in seconds; the one that goes on has dots. */
export function brief(waits: readonly Wait[]): string {
  return waits
    .map(
      ({ for: reason, name, ms, to }) =>
        `${reason}${name === null ? '' : `:${name}`} ${String(ms / 1000)}${to === null ? '…' : ''}`,
    )
    .join(', ');
}
