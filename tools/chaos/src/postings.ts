/** The jobs of the plan, discovered: rows as the poller leaves them, written by SQL, for a source of their own. */
import type pg from 'pg';
import { POSTING_WORD } from './evidence.ts';

const PAGE = 5000;

export async function insertPostings(admin: pg.Pool, jobIds: readonly string[]): Promise<void> {
  for (let from = 0; from < jobIds.length; from += PAGE) {
    await admin.query(
      `WITH made AS (
         INSERT INTO jobs (id, source, external_id, title, company, description, discovery_seq)
         SELECT id, 'chaos', (n + $2::int)::text, 'Title ' || $3, 'Company ' || $3, repeat($3 || ' ', 20), nextval('discovery_seq')
         FROM unnest($1::uuid[]) WITH ORDINALITY AS a(id, n) ORDER BY n RETURNING id),
       tracked AS (INSERT INTO application_tracking (job_id) SELECT id FROM made)
       INSERT INTO job_events (job_id, event) SELECT id, 'discovered' FROM made`,
      [jobIds.slice(from, from + PAGE), from, POSTING_WORD],
    );
  }
}
