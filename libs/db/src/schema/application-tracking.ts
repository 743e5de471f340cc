// One row a job: its status, and who may write to it. Every change goes through a file of transitions/, which decides by
// the row it has locked. The CHECKs keep rows out that no transition makes.
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgSequence,
  pgTable,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import { STATUSES } from '../lifecycle/status.ts';
import { jobs } from './jobs.ts';

export const queueSeq = pgSequence('queue_seq');

const at = (name: string) => timestamp(name, { withTimezone: true });
const statusList = sql.raw(STATUSES.map((status) => `'${status}'`).join(', '));

export const applicationTracking = pgTable(
  'application_tracking',
  {
    jobId: uuid('job_id')
      .primaryKey()
      .references(() => jobs.id, { onDelete: 'cascade' }),
    status: text('status').notNull().default('discovered'),
    attempt: integer('attempt').notNull().default(0),
    claimToken: uuid('claim_token'),
    /** What the claim's token was settled as; stays, so that an ask that is made again learns it was done. */
    settledAs: text('settled_as'),
    leaseUntil: at('lease_until'),
    /** The process instance that holds the claim (not the worker's name, which a successor may bear). */
    holder: uuid('holder'),
    /** Key of the session lock of the holder; null behind a pooler, where there is none. */
    sessionKey: bigint('session_key', { mode: 'bigint' }),
    workerName: text('worker_name'),
    currentStage: text('current_stage'),
    /** Place in line: ascending, smallest first. Kept over retries, so that what was claimed before stands ahead. */
    queueSeq: bigint('queue_seq', { mode: 'number' }),
    queuedAt: at('queued_at'),
    nextAttemptAt: at('next_attempt_at'),
    startedAt: at('started_at'),
    finishedAt: at('finished_at'),
    cancelRequestedAt: at('cancel_requested_at'),
    /** Who wishes it, for the event with which the worker ends it. */
    cancelRequestedBy: text('cancel_requested_by'),
    retryAfterCount: integer('retry_after_count').notNull().default(0),
    /** The last attempt ended with its worker: the next one runs alone in its process. */
    runsAlone: boolean('runs_alone').notNull().default(false),
    stageOutputs: jsonb('stage_outputs').notNull().default({}),
    errorInfo: jsonb('error_info'),
    /** Of a dead letter, for groups: a column of its own, since no index can answer alone from within a document. */
    fingerprint: text('fingerprint').generatedAlwaysAs(
      sql`CASE WHEN status = 'failed' THEN error_info->>'fingerprint' END`,
    ),
  },
  (t) => [
    index('application_tracking_waiting')
      .on(t.queueSeq)
      .where(sql`status = 'queued'`),
    index('application_tracking_due')
      .on(t.nextAttemptAt)
      .where(sql`status = 'queued' AND next_attempt_at IS NOT NULL`),
    index('application_tracking_lease')
      .on(t.leaseUntil)
      .where(sql`status = 'processing'`),
    index('application_tracking_failed')
      .on(t.finishedAt, t.jobId)
      .where(sql`status = 'failed'`),
    index('application_tracking_fingerprint')
      .on(t.fingerprint, t.finishedAt, t.jobId)
      .where(sql`status = 'failed'`),
    /**
     * With the four above, each status but `processed` is counted, and found, without reading the table. Not on job_id: beside a
     * list of ids they would offer themselves in the primary key's place. `attempt` is 0 there: entries stand in the table's order.
     */
    index('application_tracking_discovered')
      .on(t.attempt)
      .where(sql`status = 'discovered'`),
    index('application_tracking_cancelled')
      .on(t.finishedAt)
      .where(sql`status = 'cancelled'`),
    check('status_is_known', sql`status IN (${statusList})`),
    check('token_has_a_claim', sql`claim_token IS NULL OR status = 'processing' OR settled_as IS NOT NULL`),
    check(
      'processing_has_a_holder',
      sql`status <> 'processing' OR (claim_token IS NOT NULL AND lease_until IS NOT NULL AND holder IS NOT NULL AND settled_as IS NULL)`,
    ),
    check('queued_has_a_place', sql`status <> 'queued' OR (queue_seq IS NOT NULL AND queued_at IS NOT NULL)`),
    check('ended_has_a_time', sql`status NOT IN ('processed', 'failed', 'cancelled') OR finished_at IS NOT NULL`),
    check('processed_has_no_error', sql`status <> 'processed' OR error_info IS NULL`),
  ],
);
