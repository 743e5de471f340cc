// The documents of `status` and `workers`, as the commands print them. `satisfies` keeps each key that libs/queue answers
// in the OpenAPI document.
import type { StatusDocument, WorkerRow } from '@jobhive/queue';
import * as z from 'zod';
import { count, named, time, uuid } from './register.ts';

export const workerRow = named(
  'Worker',
  'A living worker, and what it has in hand',
  z.object({
    name: z.string(),
    host: z.string(),
    pid: z.int(),
    since: time,
    job_id: uuid.nullable(),
    stage: z.string().nullable(),
    progress: z.object({ fraction: z.number(), text: z.string() }).nullable(),
    processed: count,
    failed: count,
    last_heartbeat: time,
    slots: count.describe('how many jobs at once'),
    in_hand: count,
  }),
) satisfies z.ZodType<WorkerRow>;

const store = z.object({ ok: z.boolean(), latency_ms: z.number().nullable() });

export const statusDocument = named(
  'Status',
  'The queue as a whole, at one moment',
  z.object({
    queue: z.string(),
    depth: count.describe('jobs ready for a worker'),
    delayed: count.describe("jobs that wait for a retry's time"),
    processing: count,
    failed: count,
    paused: z.boolean(),
    workers: z.object({
      active: count.nullable().describe('null where Redis is away'),
      list: z.array(workerRow).readonly(),
    }),
    rate_per_minute: z.number().describe('attempts that ended as processed or failed in the last 60 s'),
    execution_ms: z.object({
      p50: z.number().nullable(),
      p95: z.number().nullable(),
      p99: z.number().nullable(),
      count,
    }),
    oldest_waiting_seconds: z.number().nullable(),
    counts: z.object({
      discovered: count,
      queued: count,
      processing: count,
      processed: count,
      failed: count,
      cancelled: count,
    }),
    redis: store,
    postgres: store,
  }),
) satisfies z.ZodType<StatusDocument>;

export const workersDocument = z.array(workerRow);
export const pausedDocument = named('Paused', 'Whether workers take nothing new', z.object({ paused: z.boolean() }));
