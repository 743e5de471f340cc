// The outbox of notices: what operators must hear of. A row is written in the statement of the change that it tells of, by
// transitions/make-notice.ts alone, and ended once it was delivered; then it is kept for a while (send-notices.ts). `seq` is
// the order of a job's notices. What was gathered into a burst ends with that burst.
import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { NOTICE_ENDS, NOTICE_KINDS } from '../lifecycle/notice.ts';

const at = (name: string) => timestamp(name, { withTimezone: true });
const listOf = (words: readonly string[]) => sql.raw(words.map((word) => `'${word}'`).join(', '));

export const notices = pgTable(
  'notices',
  {
    seq: bigint('seq', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    id: uuid('id')
      .notNull()
      .default(sql`gen_random_uuid()`),
    kind: text('kind').notNull(),
    jobId: uuid('job_id'),
    fingerprint: text('fingerprint'),
    at: at('at')
      .notNull()
      .default(sql`clock_timestamp()`),
    /** The burst that tells of it, where it does not go by itself. */
    gatheredInto: bigint('gathered_into', { mode: 'number' }),
    /** Deliveries that were tried. */
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: at('next_attempt_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    endedAt: at('ended_at'),
    endedAs: text('ended_as'),
  },
  (t) => [
    index('notices_due')
      .on(t.nextAttemptAt, t.seq)
      .where(sql`ended_at IS NULL AND gathered_into IS NULL`),
    index('notices_of_job')
      .on(t.jobId, t.seq)
      .where(sql`ended_at IS NULL`),
    index('notices_gathered')
      .on(t.gatheredInto)
      .where(sql`ended_at IS NULL AND gathered_into IS NOT NULL`),
    check('notice_kind_is_known', sql`kind IN (${listOf(NOTICE_KINDS)})`),
    check('notice_ends_as_something', sql`(ended_at IS NULL) = (ended_as IS NULL)`),
    check('notice_end_is_known', sql`ended_as IS NULL OR ended_as IN (${listOf(NOTICE_ENDS)})`),
  ],
);
