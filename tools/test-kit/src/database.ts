/**
 * A database for one test file, cloned from a template that is migrated once for all files and forks of a run, and again when
 * the migrations change. The clone takes some 50 ms. It is not removed by itself: drop() in afterAll.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

export interface TestDatabase {
  readonly url: string;
  readonly client: pg.Pool;
  /** Closes the client and removes the database, also where others are still connected to it. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  readonly migrate: (url: string) => Promise<void>;
  /** Whose content names the template; default libs/db/migrations. */
  readonly migrations?: string;
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
    await withClient(server, (admin) => admin.query(`drop database if exists ${name} with (force)`));
  };
  return { url, client, drop };
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
