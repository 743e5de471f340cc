// What the poller remembers of its sources, and the entries that it set aside.
import { sql } from 'drizzle-orm';
import { bigint, index, integer, jsonb, pgTable, text, timestamp, unique } from 'drizzle-orm/pg-core';

const at = (name: string) => timestamp(name, { withTimezone: true });

export const sourceStates = pgTable('source_states', {
  source: text('source').primaryKey(),
  lastSuccess: at('last_success'),
  nextPoll: at('next_poll'),
  failures: integer('failures').notNull().default(0),
  error: text('error'),
  memory: jsonb('memory').notNull().default({}),
});

export const rejectedPostings = pgTable(
  'rejected_postings',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    source: text('source').notNull(),
    place: text('place').notNull(),
    externalId: text('external_id'),
    reason: text('reason').notNull(),
    at: at('at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [unique('rejected_postings_place').on(t.source, t.place), index('rejected_postings_at').on(t.at)],
);
