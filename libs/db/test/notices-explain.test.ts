// The outbox at its fullest: what a tick, a sender and a settle ask of it reads a page, never the whole, whatever the statistics.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Executor, Statement } from '../src/connect/database.ts';
import { overdueNotices } from '../src/reads/notices.ts';
import { claimNotices, gatherNotices, recordDeliveries, sweepNotices } from '../src/transitions/send-notices.ts';
import { tick } from '../src/transitions/tick.ts';
import { holderOf, openRecord, type TestRecord } from './test-record.ts';

const NOTICES = 30_000;
let record: TestRecord;
let planner: pg.Client;
beforeAll(async () => {
  record = await openRecord();
  planner = new pg.Client({ connectionString: record.url });
  await planner.connect();
  await record.sql('ALTER TABLE notices SET (autovacuum_enabled = false)');
  await record.sql('ANALYZE notices'); // from when there was none
  await record.sql(
    `INSERT INTO notices (kind, job_id, fingerprint, ended_at, ended_as)
      SELECT 'dead_letter', gen_random_uuid(), 'f', CASE WHEN n % 2 = 0 THEN now() END, CASE WHEN n % 2 = 0 THEN 'delivered' END
      FROM generate_series(1, $1::int) n`,
    [NOTICES],
  );
});
afterAll(async () => {
  await planner.end();
  await record.close();
});

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Rows of `notices` that a statement looks at. */
function rowsRead(node: PlanNode): number {
  const scan = node['Relation Name'] === 'notices' && /Scan/.test(node['Node Type']);
  const own = scan ? (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'] : 0;
  return own + (node.Plans ?? []).reduce((sum, plan) => sum + rowsRead(plan), 0);
}

function literal(value: unknown): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return pg.escapeLiteral(String(value));
  throw new Error(`a statement has a parameter of type ${typeof value}`);
}

async function readBy(mode: string, ask: (db: Executor) => Promise<unknown>): Promise<number> {
  let read = -1;
  const db: Executor = {
    query: async (statement: Statement, values: readonly unknown[] = []) => {
      await planner.query(`BEGIN; SET LOCAL plan_cache_mode = ${mode}; SET LOCAL jit = off`);
      await planner.query(`PREPARE looked_at AS ${statement.text}`);
      const given = values.length === 0 ? '' : `(${values.map(literal).join(', ')})`;
      const { rows } = await planner.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE looked_at${given}`,
      );
      await planner.query('ROLLBACK; DEALLOCATE ALL');
      const plan = rows[0]?.['QUERY PLAN'][0].Plan;
      read = plan === undefined ? -1 : rowsRead(plan);
      return [];
    },
  };
  await ask(db).catch(() => undefined); // no answer is given: only the plan counts
  return read;
}

const CASES: [string, number, (db: Executor) => Promise<unknown>][] = [
  ['tick', 1, (db) => tick(db, [], [], holderOf())],
  [
    'claim of a page',
    200,
    (db) => claimNotices(db, { holder: randomUUID(), leaseMs: 1000, limit: 64, dueForSeconds: 0 }),
  ],
  [
    'recording what was sent',
    64,
    (db) =>
      recordDeliveries(db, [
        { seq: 101, endedAs: 'delivered' },
        { seq: 103, againSeconds: 5 },
      ]),
  ],
  ['gathering', 200, (db) => gatherNotices(db, { fingerprint: 'f', seqs: [101, 103], sendInSeconds: 5, into: 7 })],
  ['counting what is late', 25_000, (db) => overdueNotices(db)],
  ['sweeping', 25_000, (db) => sweepNotices(db, { keptSeconds: 86_400, triedSeconds: 86_400 })],
];

for (const mode of ['force_generic_plan', 'force_custom_plan']) {
  it.each(CASES)(`with ${mode}: %s looks at %d rows at the most`, async (_name, rowsMax, ask) => {
    const read = await readBy(mode, ask);
    expect(read).toBeGreaterThanOrEqual(0);
    expect(read).toBeLessThanOrEqual(rowsMax);
  });
}
