// What holds for the queue as a whole: pause, the last tick of any worker, what Redis lacks, the enqueue budget; the
// named leases; and the waits that belong to no single job.
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, integer, jsonb, index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { WAIT_EVENTS } from '../lifecycle/status.ts';

const at = (name: string) => timestamp(name, { withTimezone: true });

export const queueState = pgTable(
  'queue_state',
  {
    id: integer('id').primaryKey().default(1),
    paused: boolean('paused').notNull().default(false),
    lastTick: at('last_tick')
      .notNull()
      .default(sql`clock_timestamp()`),
    /** The smallest queue_seq whose push failed; null when none did since the last full pass. */
    redisBehind: bigint('redis_behind', { mode: 'number' }),
    /** How many pushes failed since the beginning: who takes the mark away must have seen them all. */
    redisBehindMarks: bigint('redis_behind_marks', { mode: 'number' }).notNull().default(0),
    redisRunId: text('redis_run_id'),
  },
  () => [check('queue_state_is_one_row', sql`id = 1`)],
);

/** Jobs enqueued in the running minute and in the one before it; its row is locked only by enqueue. */
export const enqueueBudget = pgTable(
  'enqueue_budget',
  {
    id: integer('id').primaryKey().default(1),
    windowFrom: at('window_from')
      .notNull()
      .default(sql`clock_timestamp()`),
    used: integer('used').notNull().default(0),
    usedBefore: integer('used_before').notNull().default(0),
  },
  () => [check('enqueue_budget_is_one_row', sql`id = 1`)],
);

export const leases = pgTable('leases', {
  name: text('name').primaryKey(),
  holder: uuid('holder').notNull(),
  term: bigint('term', { mode: 'number' }).notNull().default(1),
  until: at('until').notNull(),
});

export const systemEvents = pgTable(
  'system_events',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    at: at('at')
      .notNull()
      .default(sql`clock_timestamp()`),
    event: text('event').notNull(),
    detail: jsonb('detail').notNull().default({}),
  },
  (t) => [
    index('system_events_at').on(t.at),
    // What began or ended a wait of all jobs; workers that start and stop are far more.
    index('system_events_waits')
      .on(t.event, t.at)
      .where(sql`event IN (${sql.raw(WAIT_EVENTS.map((event) => `'${event}'`).join(', '))})`),
  ],
);
