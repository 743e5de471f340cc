// The queue minute by minute, for charts: at most two days of rows, each written once, by whoever samples first.
import { doublePrecision, integer, pgTable, timestamp } from 'drizzle-orm/pg-core';

export const historyMinutes = pgTable('history_minutes', {
  /** The minute's beginning. */
  minute: timestamp('minute', { withTimezone: true }).primaryKey(),
  /** As it stood when the minute was sampled; null where nobody was there to look. */
  depth: integer('depth'),
  delayed: integer('delayed'),
  processing: integer('processing'),
  /** Attempts that ended within the minute. */
  processed: integer('processed').notNull(),
  failed: integer('failed').notNull(),
  retried: integer('retried').notNull(),
  p50Ms: doublePrecision('p50_ms'),
  p95Ms: doublePrecision('p95_ms'),
  p99Ms: doublePrecision('p99_ms'),
});
