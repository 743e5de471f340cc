// The history: one row for each change of status and for each operator's act, written in the transaction of the change
// by transitions/record-event.ts alone. Rows are never changed.
import { sql } from 'drizzle-orm';
import { bigint, index, integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';

export const jobEvents = pgTable(
  'job_events',
  {
    jobId: uuid('job_id').notNull(),
    id: bigint('id', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    at: timestamp('at', { withTimezone: true })
      .notNull()
      .default(sql`clock_timestamp()`),
    event: text('event').notNull(),
    attempt: integer('attempt').notNull().default(0),
    workerName: text('worker_name'),
    detail: jsonb('detail').notNull().default({}),
  },
  (t) => [
    primaryKey({ columns: [t.jobId, t.id] }),
    /** Serves jobs a minute and execution times: attempts that ended, by time. */
    index('job_events_ended')
      .on(t.at)
      .where(sql`event IN ('processed', 'failed', 'retry_scheduled')`),
  ],
);
