/** drop() replays what a test left in the record: a change without its event makes the test red. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, it } from 'vitest';
import { HistoryError, testDatabase, type TestDatabaseOptions } from '../src/index.ts';

const TABLES = `create table application_tracking (job_id uuid primary key, status text, attempt int);
  create table job_events (job_id uuid, id bigint generated always as identity, event text, attempt int, worker_name text,
    detail jsonb default '{}')`;
const ID = '00000000-0000-4000-8000-000000000001';
const folder = mkdtempSync(join(tmpdir(), 'jobhive-history-'));
writeFileSync(join(folder, '0.sql'), TABLES);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function migrate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(TABLES);
  await client.end();
}

async function dropAfter(
  events: string,
  row: string,
  options: Pick<TestDatabaseOptions, 'history'> = {},
): Promise<void> {
  const database = await testDatabase({ migrate, migrations: folder, ...options });
  await database.client.query(`insert into application_tracking values ('${ID}', ${row})`);
  if (events !== '')
    await database.client.query(`insert into job_events (job_id, event, attempt, worker_name) values ${events}`);
  await database.drop();
}

const QUEUED = `('${ID}', 'discovered', 0, null), ('${ID}', 'queued', 0, null)`;

it('a history that leads to its row is fine', async () => {
  await dropAfter(`${QUEUED}, ('${ID}', 'claimed', 1, 'a')`, `'processing', 1`);
});

it('a change without its event is told', async () => {
  await expect(dropAfter(QUEUED, `'processing', 1`)).rejects.toThrow(HistoryError);
});

it('a test that doctors rows says so', async () => {
  await dropAfter(QUEUED, `'processing', 1`, { history: 'any' });
});

it('a row that was inserted by hand has no history', async () => {
  await dropAfter('', `'queued', 0`);
});
