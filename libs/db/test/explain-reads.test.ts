// The questions of people read indexes, not tables: seen in the plans that the server makes for them, by its own statistics,
// over a small copy of the record of million/. A plan that reads a table from end to end would take seconds there.
import { waitFor } from '@jobhive/test-kit';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Executor } from '../src/connect/database.ts';
import {
  deadLetterGroups,
  deadLetterIds,
  deadLetters,
  searchDeadLetters,
  stagesOnRecord,
} from '../src/reads/dead-letters.ts';
import { figures } from '../src/reads/figures.ts';
import { findJob, systemEventsSince, timeline } from '../src/reads/find-job.ts';
import { searchJobs } from '../src/reads/search-jobs.ts';
import { jobsAhead, queueStateFacts } from '../src/reads/server-facts.ts';
import { discoveredPage } from '../src/reads/waiting.ts';
import { RARE_WORD, seedMillion } from './million/seed-million.ts';
import { openRecord, type TestRecord } from './test-record.ts';

const JOBS = 20_000;

let record: TestRecord;
let client: pg.PoolClient;
beforeAll(async () => {
  record = await openRecord();
  client = await record.client.connect();
  await client.query('SET jit = off');
  await seedMillion(client, JOBS, () => undefined);
  await waitFor('all pages to be visible to all', allVisible, { timeoutMs: 30_000 });
}, 120_000);
afterAll(async () => {
  client.release();
  await record.close();
});

/** While anybody, autovacuum too, holds an older snapshot, VACUUM leaves pages out, and the planner then reads tables as well. */
async function allVisible(): Promise<boolean> {
  await client.query('VACUUM jobs, application_tracking, job_events');
  const { rows } = await client.query<{ all: boolean }>(
    `SELECT bool_and(relallvisible = relpages) AS all FROM pg_class
     WHERE oid IN ('jobs'::regclass, 'application_tracking'::regclass, 'job_events'::regclass)`,
  );
  return rows[0]?.all === true;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** `Index Only Scan application_tracking_failed`, for each place that a plan reads from. */
function waysOf(node: PlanNode): string[] {
  const from = node['Index Name'] ?? (node['Node Type'] === 'Seq Scan' ? node['Relation Name'] : undefined);
  return [...(from === undefined ? [] : [`${node['Node Type']} ${from}`]), ...(node.Plans ?? []).flatMap(waysOf)];
}

/** How the last statement of a question is answered; those before it find nothing. */
async function lastPlan(ask: (db: Executor) => Promise<unknown>): Promise<string[]> {
  let ways: string[] = [];
  const db: Executor = {
    query: async ({ text }, values = []) => {
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(`EXPLAIN (FORMAT JSON) ${text}`, [
        ...values,
      ]);
      ways = waysOf(rows[0]?.['QUERY PLAN'][0].Plan ?? { 'Node Type': 'none' });
      return [];
    },
  };
  await ask(db).catch(() => undefined); // an answer without rows is none that figures() knows
  return ways;
}

const search = (by: Partial<Parameters<typeof searchJobs>[1]>) => (db: Executor) =>
  searchJobs(db, { limit: 50, ...by });

it.each<[string, (db: Executor) => Promise<unknown>, RegExp[]]>([
  [
    'the figures count by indexes alone',
    figures,
    [
      /^Index Only Scan application_tracking_discovered/,
      /^Index Only Scan application_tracking_waiting/,
      /^Index Only Scan application_tracking_failed/,
      /^Index Only Scan application_tracking_cancelled/,
      /^Index Only Scan jobs_/,
      /job_events_ended/,
    ],
  ],
  [
    'dead letters are grouped by an index alone',
    deadLetterGroups,
    [/^Index Only Scan application_tracking_fingerprint/],
  ],
  ['the ids of a group too', (db) => deadLetterIds(db, 'abc'), [/application_tracking_fingerprint/]],
  ['dead letters are listed in the order of their index', (db) => deadLetters(db, 50), [/application_tracking_failed/]],
  ['and searched in it', (db) => searchDeadLetters(db, 'type error', 200), [/application_tracking_failed/]],
  [
    'the stages of dead letters',
    (db) => stagesOnRecord(db, ['00000000-0000-0000-0000-000000000000']),
    [/application_tracking_pkey/],
  ],
  ['a rare word', search({ text: RARE_WORD }), [/^Bitmap Index Scan job_words_grams/]],
  ['a word of two characters', search({ text: 'xq' }), [/^Bitmap Index Scan job_words_grams/]],
  ['a sign', search({ text: '%' }), [/^Bitmap Index Scan job_words_grams/]],
  ['words of dead letters', search({ text: 'nowhere', status: 'failed' }), [/^Bitmap Index Scan job_words_grams/]],
  ['a rare status', search({ status: 'processing' }), [/application_tracking_lease/]],
  ['a source that is not there', search({ source: 'file:other' }), [/jobs_source_external_id/]],
  ['the newest', search({}), [/jobs_discovery/]],
  ['what is discovered', (db) => discoveredPage(db, 0, 1000), [/application_tracking_discovered|jobs_discovery/]],
  ['a job', (db) => findJob(db, '00000000-0000-0000-0000-000000000000'), [/jobs_pkey/]],
  ['what held all jobs up', (db) => systemEventsSince(db, new Date(0)), [/system_events_waits/]],
  ['since when the queue is paused', queueStateFacts, [/system_events_waits/]],
  ['the jobs ahead of one', (db) => jobsAhead(db, 500), [/application_tracking_waiting/]],
  ['its timeline', (db) => timeline(db, '00000000-0000-0000-0000-000000000000'), [/job_events_job_id_id_pk/]],
])('%s', async (_name, ask, expected) => {
  const ways = await lastPlan(ask);
  for (const way of expected) expect.soft(ways.join('\n')).toMatch(new RegExp(way.source, 'm'));
  expect(ways.filter((way) => /^Seq Scan (jobs|application_tracking|job_events|system_events)$/.test(way))).toEqual([]);
});
