// The postings, as the sources told them. A row is never deleted by the product; what became of it stands in
// application_tracking. `discovery_seq` is the order of discovery: rows of one poll share one time, not one number.
import { sql } from 'drizzle-orm';
import { bigint, boolean, index, pgSequence, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core';

export const discoverySeq = pgSequence('discovery_seq');

export const jobs = pgTable(
  'jobs',
  {
    id: uuid('id')
      .primaryKey()
      .default(sql`gen_random_uuid()`),
    source: text('source').notNull(),
    externalId: text('external_id').notNull(),
    title: text('title').notNull(),
    company: text('company').notNull(),
    location: text('location'),
    url: text('url'),
    description: text('description'),
    postedAt: timestamp('posted_at', { withTimezone: true }),
    discoveredAt: timestamp('discovered_at', { withTimezone: true })
      .notNull()
      .default(sql`clock_timestamp()`),
    updatedAt: timestamp('updated_at', { withTimezone: true }),
    discoverySeq: bigint('discovery_seq', { mode: 'number' }).notNull(),
    /** Inserted under ENABLE_AUTO_ENQUEUE and not enqueued yet: what a poller that died between the two left to do. */
    autoEnqueue: boolean('auto_enqueue').notNull().default(false),
  },
  (t) => [
    unique('jobs_source_external_id').on(t.source, t.externalId),
    index('jobs_discovery').on(t.discoverySeq),
    index('jobs_auto_enqueue')
      .on(t.discoverySeq)
      .where(sql`auto_enqueue`),
    /** Times of discovery ascend with the pages of the table: a summary of each page range is enough, and costs nothing. */
    index('jobs_discovered_at').using('brin', t.discoveredAt).with({ autosummarize: true }),
  ],
);

/**
 * Title and company of each job, case folded, and the index over every run of one to three characters in them. Kept by triggers
 * on `jobs`, and apart from it: an index on `jobs` would be made anew with each row that enqueue unmarks. A row whose job is
 * gone is never shown; so no foreign key keeps anybody from emptying `jobs`.
 */
export const jobWords = pgTable(
  'job_words',
  {
    jobId: uuid('job_id').primaryKey(),
    discoverySeq: bigint('discovery_seq', { mode: 'number' }).notNull(),
    words: text('words').notNull(),
  },
  () => [index('job_words_grams').using('gin', sql`jobhive_grams(words)`)],
);
