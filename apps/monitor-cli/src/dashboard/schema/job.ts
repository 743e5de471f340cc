// Jobs: the row of `jobs`, and one job with all that is known of it.
import { JOB_EVENTS, STATUSES, type JobRow, type TimelineEntry } from '@jobhive/db';
import type { EnqueueResult } from '@jobhive/queue';
import * as z from 'zod';
import { count, named, time, uuid } from './register.ts';

export const status = z.enum(STATUSES);

const jobColumns = {
  job_id: uuid,
  source: z.string(),
  external_id: z.string(),
  title: z.string(),
  company: z.string(),
  location: z.string().nullable(),
  url: z.string().nullable(),
  status,
  attempt: count,
  discovered_at: time,
  queued_at: time.nullable(),
  started_at: time.nullable(),
  finished_at: time.nullable(),
};

export const jobRow = named('JobRow', 'A job in a list', z.object(jobColumns)) satisfies z.ZodType<JobRow>;

const timelineEntry = named(
  'TimelineEntry',
  'A row of the history, oldest first',
  z.object({
    at: time,
    event: z.enum(JOB_EVENTS),
    attempt: count,
    worker_name: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
  }),
) satisfies z.ZodType<TimelineEntry>;

const wait = named(
  'Wait',
  'What the job waited for: they follow each other without a gap, and the last one without an end goes on',
  z.object({
    for: z.enum(['worker', 'retry', 'redis', 'postgres', 'paused', 'rate_limit', 'deploy', 'lost_worker', 'stage']),
    name: z.string().nullable(),
    from: time,
    to: time.nullable(),
    ms: z.number().min(0),
  }),
);

const expectedStart = z.object({
  at: time.nullable().describe('null where nobody can tell'),
  reasoning: z.string(),
});

export const jobDocument = named(
  'Job',
  'One job: its row, its history, what it waited for, and what its stages gave',
  z.looseObject({
    ...jobColumns,
    cause: z.string().describe('why the job is where it is, in a sentence'),
    expected_start: expectedStart.nullable().describe('null where it does not wait for a worker'),
    timeline: z.array(timelineEntry).readonly(),
    waits: z.array(wait).readonly(),
    stage_outputs: z.record(z.string(), z.unknown()),
    error_info: z.record(z.string(), z.unknown()).nullable(),
    worker_name: z.string().nullable(),
    current_stage: z.string().nullable(),
    next_attempt_at: time.nullable(),
    cancel_requested_at: time.nullable(),
  }),
);

export const jobsPage = named(
  'JobsPage',
  'Newest discovery first',
  z.object({ jobs: z.array(jobRow), next_cursor: z.string().nullable().describe('null on the last page') }),
);

export const enqueueResult = named(
  'Enqueued',
  'On record; `dispatched` tells whether Redis has it too',
  z.object({
    job_id: uuid,
    queue_position: count.nullable(),
    estimated_wait_time: z.number().nullable().describe('seconds'),
    dispatched: z.boolean(),
    already_queued: z.boolean(),
  }),
) satisfies z.ZodType<EnqueueResult>;

export const jobStatus = named('JobStatus', 'A job and where it stands now', z.object({ job_id: uuid, status }));
