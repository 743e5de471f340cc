/**
 * A database for one test file, cloned from a template that is migrated once for all files and forks of a run, and again when
 * the migrations change. The clone takes some 50 ms. It is not removed by itself: drop() in afterAll.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkHistory, describeViolations, type FinalRow, type HistoryEvent, type Violation } from '@jobhive/model';
import pg from 'pg';

export interface TestDatabase {
  readonly url: string;
  readonly client: pg.Pool;
  /** Closes the client and removes the database, also where others are still connected to it. @throws HistoryError */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  readonly migrate: (url: string) => Promise<void>;
  /** Whose content names the template; default libs/db/migrations. */
  readonly migrations?: string;
  /**
   * What drop() asks of `job_events`, job by job, by the rules of @jobhive/model. `stages_by_hand` (default): all of them, but
   * checkpoints may be written by hand. `whole`: a real pipeline ran, no stage finishes twice. `any`: rows were doctored.
   */
  readonly history?: 'whole' | 'stages_by_hand' | 'any';
}

/** What a test left in the record may not be: a change without its event, or a rule of the record broken. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

const MIGRATIONS = fileURLToPath(new URL('../../../libs/db/migrations', import.meta.url));

export async function testDatabase(options: TestDatabaseOptions): Promise<TestDatabase> {
  const server = testServerUrl();
  const template = `jobhive_template_${hashOf(options.migrations ?? MIGRATIONS)}`;
  await withClient(server, (client) => ensureTemplate(client, server, template, options.migrate));
  const name = `jobhive_test_${randomBytes(6).toString('hex')}`;
  await withClient(server, (client) => client.query(`create database ${name} template ${template}`));
  const url = databaseUrl(server, name);
  const client = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // an idle connection that breaks (the test killed its server) is replaced by the pool
  const drop = async (): Promise<void> => {
    await client.end();
    const broken = await brokenHistory(url, options.history ?? 'stages_by_hand');
    await withClient(server, (admin) => admin.query(`drop database if exists ${name} with (force)`));
    if (broken !== '') throw new HistoryError(`the history of this database breaks the model's rules:\n${broken}`);
  };
  return { url, client, drop };
}

/** Jobs a page: a benchmark's history need not fit into memory. */
const PAGE_MAX = 5000;
const JOBS = `select distinct job_id from job_events where event = 'discovered' and job_id > $1 order by job_id limit ${String(PAGE_MAX)}`;
const EVENTS = `select job_id, event, attempt, worker_name, detail from job_events where job_id = any ($1::uuid[]) order by job_id, id`;
const ROWS = 'select job_id, status, attempt from application_tracking where job_id = any ($1::uuid[])';
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Of jobs that were discovered; rows that a test has inserted by hand have no history. Empty where all is well. */
async function brokenHistory(url: string, history: NonNullable<TestDatabaseOptions['history']>): Promise<string> {
  if (history === 'any') return '';
  return withClient(url, async (client) => {
    const { rows: found } = await client.query("select from pg_class where oid = to_regclass('job_events')");
    if (found.length === 0) return '';
    await client.query('begin isolation level repeatable read read only'); // all from one moment
    const violations: Violation[] = [];
    for (let after: string | undefined = FIRST_ID; after !== undefined;) {
      const ids: string[] = (await client.query<{ job_id: string }>(JOBS, [after])).rows.map((row) => row.job_id);
      const events = (await client.query<HistoryEvent>(EVENTS, [ids])).rows;
      const { rows } = await client.query<FinalRow>(ROWS, [ids]);
      violations.push(...checkHistory(events, { rows, stages: history === 'whole' ? 'once' : 'by_hand' }));
      after = ids.length < PAGE_MAX ? undefined : ids.at(-1);
    }
    return describeViolations(violations);
  });
}

/** The Postgres of this run, as the global set-up of vitest has told it. */
export function testServerUrl(): string {
  const url = process.env['JOBHIVE_TEST_DATABASE_URL'];
  if (!url) throw new Error('JOBHIVE_TEST_DATABASE_URL is not set: run the tests through vitest with vitest.base.ts');
  return url;
}

/** One process migrates while the others wait. A migration that fails leaves no template, and is told to all. */
async function ensureTemplate(
  client: pg.Client,
  server: string,
  template: string,
  migrate: (url: string) => Promise<void>,
): Promise<void> {
  await client.query(`select pg_advisory_lock(hashtext($1))`, [template]);
  const { rowCount } = await client.query('select from pg_database where datname = $1', [template]);
  if (rowCount === 1) return;
  const draft = `${template}_draft`;
  await client.query(`drop database if exists ${draft} with (force)`);
  await client.query(`create database ${draft} template template0`);
  await migrate(databaseUrl(server, draft));
  await client.query(`alter database ${draft} rename to ${template}`);
}

/** The session's end also gives its advisory locks back. */
async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

function hashOf(folder: string): string {
  const hash = createHash('sha256').update(folder);
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort() : [];
  for (const name of names) {
    const file = join(folder, name);
    if (/\.(sql|json)$/.test(name)) hash.update(name).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}
