// No transition and no question of the hot path reads the backlog to find its rows, whatever the planner believes. It is
// put in the worst place on purpose: its statistics are from when nothing was queued (or when all was), and it plans for
// any values (generic) as well as for these (custom).
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor, Statement } from '../src/connect/database.ts';
import { deadLetters, deadLetterScores, deadLetterScoresOf } from '../src/reads/dead-letters.ts';
import { standings, waitingPage } from '../src/reads/waiting.ts';
import { cancel } from '../src/transitions/cancel.ts';
import { checkpoint } from '../src/transitions/checkpoint.ts';
import { claim } from '../src/transitions/claim.ts';
import { clear } from '../src/transitions/clear.ts';
import { discard } from '../src/transitions/discard.ts';
import { enqueue } from '../src/transitions/enqueue.ts';
import { expire } from '../src/transitions/expire.ts';
import { extendLeasesAfterOutage, shortenLeasesWithoutSession } from '../src/transitions/extend-leases.ts';
import { markDelivered } from '../src/transitions/mark.ts';
import { retry } from '../src/transitions/retry.ts';
import { idleFacts } from '../src/reads/notices.ts';
import { settle } from '../src/transitions/settle.ts';
import { tick } from '../src/transitions/tick.ts';
import { errorOf, holderOf, openRecord, stageOf, type TestRecord } from './test-record.ts';

const JOBS = 20_000;
const BATCH = 50;
const FAILED = 300;

/** What a plan reads of a table: by which way, and how many rows it looked at. */
interface Look {
  readonly table: string;
  readonly way: string;
  readonly rows: number;
}
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

let record: TestRecord;
let planner: pg.Client;

/** Stops a transition at its statement, and keeps that. */
async function statementOf(
  ask: (db: Executor) => Promise<unknown>,
): Promise<{ statement: Statement; values: readonly unknown[] }> {
  let seen: { statement: Statement; values: readonly unknown[] } | undefined;
  const db: Executor = {
    query: (statement, values = []) => {
      seen = { statement, values };
      return Promise.reject(new Error('not run, only looked at'));
    },
  };
  await ask(db).catch(() => undefined);
  if (seen === undefined) throw new Error('no statement was asked for');
  return seen;
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') return pg.escapeLiteral(value);
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return `'${value.toString()}'`;
  throw new Error(`a statement of the hot path has a parameter of type ${typeof value}`);
}

function looks(node: PlanNode): Look[] {
  const read =
    node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  const table = node['Relation Name'];
  const scan = /Seq Scan|Index|Bitmap/.test(node['Node Type']) && node['Node Type'] !== 'ModifyTable';
  const way = node['Index Name'] ?? node['Node Type'];
  const own =
    scan && (table ?? node['Index Name']) ? [{ table: table ?? '', way, rows: read * node['Actual Loops'] }] : [];
  return [...own, ...(node.Plans ?? []).flatMap(looks)];
}

async function plan(mode: string, ask: (db: Executor) => Promise<unknown>): Promise<Look[]> {
  const { statement, values } = await statementOf(ask);
  await planner.query(`BEGIN; SET LOCAL plan_cache_mode = ${mode}; SET LOCAL jit = off`);
  try {
    await planner.query(`PREPARE looked_at AS ${statement.text}`);
    const given = values.length === 0 ? '' : `(${values.map(literal).join(', ')})`;
    const { rows } = await planner.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE looked_at${given}`,
    );
    return looks(rows[0]?.['QUERY PLAN'][0].Plan ?? { 'Node Type': 'none', 'Actual Rows': 0, 'Actual Loops': 0 });
  } finally {
    await planner.query('ROLLBACK; DEALLOCATE ALL');
  }
}

const ids: string[] = [];
const tokens: string[] = [];
const holder = holderOf();
const batchOf = (from: number): string[] => ids.slice(from, from + BATCH);
/** In processing are the first batch; failed are those behind it; the rest waits. */
const held = (): { jobId: string; token: string }[] =>
  batchOf(0).map((jobId, n) => ({ jobId, token: tokens[n] ?? '' }));

const PRIMARY_KEY = ['application_tracking_pkey'];
const LEASE = ['application_tracking_lease', ...PRIMARY_KEY];
const WAITING = ['application_tracking_waiting'];
const DUE = ['application_tracking_due'];
const DEAD = ['application_tracking_failed'];

interface Case {
  readonly name: string;
  readonly ways: readonly string[];
  readonly ask: (db: Executor) => Promise<unknown>;
}
const CASES: Case[] = [
  {
    name: 'claim',
    ways: PRIMARY_KEY,
    ask: (db) =>
      claim(
        db,
        batchOf(5000).map((jobId) => ({ jobId, token: randomUUID() })),
        holder,
      ),
  },
  {
    name: 'claim of one',
    ways: PRIMARY_KEY,
    ask: (db) => claim(db, [{ jobId: ids[6000] ?? '', token: randomUUID() }], holder),
  },
  {
    name: 'checkpoint',
    ways: PRIMARY_KEY,
    ask: (db) =>
      checkpoint(
        db,
        held().map((claim) => ({ ...claim, record: stageOf('match') })),
      ),
  },
  {
    name: 'settle',
    ways: PRIMARY_KEY,
    ask: (db) =>
      settle(
        db,
        held().map((claim) => ({ ...claim, outcome: { kind: 'processed', last: stageOf('last') } })),
      ),
  },
  {
    name: 'settle of one that failed',
    ways: PRIMARY_KEY,
    ask: (db) =>
      settle(
        db,
        held()
          .slice(0, 1)
          .map((claim) => ({ ...claim, outcome: { kind: 'failed', error: errorOf() } })),
      ),
  },
  {
    name: 'tick',
    ways: [...LEASE, ...WAITING, ...DUE],
    ask: (db) =>
      tick(
        db,
        held().map((claim) => ({ ...claim, stage: null })),
        held().map((claim) => claim.token),
        holder,
      ),
  },
  // A list of no ids implies every condition there is: any partial index will do, and gives no row.
  {
    name: 'tick of nothing',
    ways: [
      ...LEASE,
      ...WAITING,
      ...DUE,
      'application_tracking_cancelled',
      'application_tracking_discovered',
      'application_tracking_fingerprint',
      ...DEAD,
    ],
    ask: (db) => tick(db, [], tokens, holder),
  },
  { name: 'idle facts', ways: [...LEASE, ...WAITING], ask: (db) => idleFacts(db) },
  { name: 'expire', ways: LEASE, ask: (db) => expire(db, [], 3) },
  { name: 'extend leases', ways: LEASE, ask: (db) => extendLeasesAfterOutage(db, 30_000) },
  { name: 'shorten leases', ways: LEASE, ask: (db) => shortenLeasesWithoutSession(db, 0) },
  {
    name: 'enqueue',
    ways: PRIMARY_KEY,
    ask: (db) =>
      enqueue(
        db,
        batchOf(7000).map((jobId) => ({ jobId, call: 0 })),
        0,
      ),
  },
  {
    name: 'enqueue within a budget',
    ways: PRIMARY_KEY,
    ask: (db) =>
      enqueue(
        db,
        batchOf(19_900).map((jobId) => ({ jobId, call: 0 })),
        6000,
      ),
  },
  { name: 'retry', ways: PRIMARY_KEY, ask: (db) => retry(db, batchOf(BATCH), { kind: 'start' }, 'test') },
  { name: 'cancel', ways: PRIMARY_KEY, ask: (db) => cancel(db, batchOf(5000), 'test') },
  { name: 'discard', ways: PRIMARY_KEY, ask: (db) => discard(db, batchOf(BATCH), 'test') },
  { name: 'clear, a page', ways: [...WAITING, ...PRIMARY_KEY], ask: (db) => clear(db, 1e9, BATCH, 'test') },
  { name: 'mark delivered', ways: PRIMARY_KEY, ask: (db) => markDelivered(db, batchOf(8000), 'test') },
  { name: 'waiting page', ways: WAITING, ask: (db) => waitingPage(db, 9000, BATCH) },
  { name: 'standings', ways: PRIMARY_KEY, ask: (db) => standings(db, batchOf(5000)) },
  { name: 'dead letters', ways: DEAD, ask: (db) => deadLetters(db, BATCH) },
  {
    name: 'dead letters after a cursor',
    ways: DEAD,
    ask: (db) => deadLetters(db, BATCH, { failedAt: new Date(0).toISOString(), jobId: ids[0] ?? '' }),
  },
  { name: 'dead-letter scores', ways: DEAD, ask: (db) => deadLetterScores(db, BATCH) },
  { name: 'dead-letter scores of some', ways: PRIMARY_KEY, ask: (db) => deadLetterScoresOf(db, batchOf(BATCH)) },
];

/** The batch, and older versions of its rows that the index still finds; far from the backlog. */
const ROWS_MAX = 10 * BATCH;

async function expectNoBacklog({ ask, ways }: Case, mode: string): Promise<void> {
  const all = await plan(mode, ask);
  const rows = all.filter(
    (look) => look.table === 'application_tracking' || look.way.startsWith('application_tracking'),
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const look of rows) {
    expect
      .soft({ ...look, found: ways.includes(look.way) || look.way === 'Bitmap Heap Scan' }, JSON.stringify(look))
      .toMatchObject({ found: true });
    expect.soft(look, JSON.stringify(rows)).toSatisfy((seen: Look) => seen.rows <= ROWS_MAX);
  }
  for (const look of all.filter(({ table }) => table === 'jobs')) expect.soft(look).toMatchObject({ way: 'jobs_pkey' });
}

async function seed(): Promise<void> {
  const client = record.client;
  await client.query('ALTER TABLE application_tracking SET (autovacuum_enabled = false)');
  await client.query('ALTER TABLE jobs SET (autovacuum_enabled = false)');
  const made = await client.query<{ id: string }>(
    `INSERT INTO jobs (source, external_id, title, company, discovery_seq, auto_enqueue)
      SELECT 'test', n::text, 'Engineer', 'Acme', n, false FROM generate_series(1, $1::int) n RETURNING id`,
    [JOBS],
  );
  ids.push(...made.rows.map((row) => row.id));
  await client.query('INSERT INTO application_tracking (job_id) SELECT id FROM jobs');
}

async function fillTheQueue(): Promise<void> {
  for (let from = 0; from < JOBS; from += 2500) {
    const asks = ids.slice(from, from + 2500).map((jobId) => ({ jobId, call: 0 }));
    await record.repo.enqueue(asks, 0);
  }
  await record.sql('UPDATE jobs SET auto_enqueue = true');
  // A retry's time that has not come: what is due must not read through these.
  await record.sql(
    `UPDATE application_tracking SET next_attempt_at = now() + interval '1 hour' WHERE queue_seq BETWEEN 15001 AND 18000`,
  );
  const asks = batchOf(0).map((jobId) => ({ jobId, token: randomUUID() }));
  tokens.push(...asks.map((ask) => ask.token));
  await record.repo.claim(asks, holder);
  const lost = ids.slice(BATCH, BATCH + FAILED).map((jobId) => ({ jobId, token: randomUUID() }));
  await record.repo.claim(lost, holder);
  await record.repo.settle(lost.map((ask) => ({ ...ask, outcome: { kind: 'failed', error: errorOf() } })));
}

beforeAll(async () => {
  record = await openRecord();
  planner = new pg.Client({ connectionString: record.url });
  await planner.connect();
  await seed();
});
afterAll(async () => {
  await planner.end();
  await record.close();
});

describe.each(['force_generic_plan', 'force_custom_plan'])('with %s', (mode) => {
  describe('and statistics from when nothing was queued', () => {
    beforeAll(async () => {
      if (tokens.length > 0) return;
      await record.sql('ANALYZE');
      await fillTheQueue();
    });
    it.each(CASES)('$name reads no backlog', (one) => expectNoBacklog(one, mode));
  });
});

describe.each(['force_generic_plan', 'force_custom_plan'])('with %s', (mode) => {
  describe('and statistics from when all was queued, though nothing is any more', () => {
    beforeAll(async () => {
      await record.sql('ANALYZE');
      await record.repo.clear(1e9, JOBS, 'test');
    });
    it.each(CASES.filter(({ name }) => /tick|expire|claim|settle|waiting/.test(name)))(
      '$name reads no backlog',
      (one) => expectNoBacklog(one, mode),
    );
  });
});
