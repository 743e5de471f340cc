// Brings the schema up to date. Safe from several processes at once: all of it is one transaction under an advisory lock
// that belongs to the transaction, so it holds behind a pooler too; the second finds nothing left to do.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as runMigrations } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { describeUrl } from './connect/database.ts';
import { failureKind } from './connect/outage.ts';
import { NotMigratedError, PostgresAwayError, PostgresDeniedError } from './lifecycle/errors.ts';

const LOCK_WAIT_MS = 60_000;
/** An index over some millions of rows takes minutes. */
const STEP_MAX_MS = 30 * 60_000;
const QUESTION_MAX_MS = 10_000;

interface Journal {
  readonly entries: readonly { readonly when: number; readonly tag: string }[];
}

/** The folder of the migrations: beside the bundle, or beside the sources. */
function migrationsFolder(): string {
  const folders = ['./migrations', '../migrations'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = folders.find((folder) => existsSync(`${folder}/meta/_journal.json`));
  if (found === undefined) throw new Error(`no migrations in ${folders.join(' or ')}; build the program again`);
  return found;
}

function readJournal(folder: string): Journal {
  return JSON.parse(readFileSync(`${folder}/meta/_journal.json`, 'utf8')) as Journal; // written by drizzle-kit
}

async function lastApplied(client: pg.Client): Promise<number> {
  const known = await client.query<{ found: string | null }>(
    `SELECT to_regclass('drizzle.__drizzle_migrations') AS found`,
  );
  if (typeof known.rows[0]?.found !== 'string') return 0;
  const rows = await client.query<{ at: string | null }>(
    'SELECT max(created_at) AS at FROM drizzle.__drizzle_migrations',
  );
  return Number(rows.rows[0]?.at ?? 0);
}

async function withClient<T>(url: string, queryTimeoutMs: number, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5000,
    query_timeout: queryTimeoutMs,
  });
  client.on('error', () => undefined); // told by the question that is under way
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    const kind = failureKind(error);
    if (kind === 'away') throw new PostgresAwayError(error, describeUrl(url));
    if (kind === 'denied') throw new PostgresDeniedError(error, describeUrl(url));
    throw error;
  } finally {
    await client.end().catch(() => undefined); // it is of no use any more, whatever it says
  }
}

/** Applies what is missing, in order. @returns the names of the migrations that were applied now */
export async function migrate(url: string): Promise<string[]> {
  const folder = migrationsFolder();
  return withClient(url, STEP_MAX_MS, async (client) => {
    await client.query('BEGIN');
    await client.query(`SET LOCAL lock_timeout = ${String(LOCK_WAIT_MS)}`);
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('jobhive:migrate'))`);
    const before = await lastApplied(client);
    const missing = readJournal(folder).entries.filter((entry) => entry.when > before);
    if (missing.length === 0) await client.query('COMMIT');
    else await runMigrations(drizzle(client), { migrationsFolder: folder }); // its BEGIN joins ours, its COMMIT ends both
    return missing.map((entry) => entry.tag);
  });
}

/** Which migrations are missing; empty when the schema is up to date. */
export async function pendingMigrations(url: string): Promise<string[]> {
  const { entries } = readJournal(migrationsFolder());
  return withClient(url, QUESTION_MAX_MS, async (client) => {
    const before = await lastApplied(client);
    return entries.filter((entry) => entry.when > before).map((entry) => entry.tag);
  });
}

/** @throws NotMigratedError where a migration is missing */
export async function assertMigrated(url: string): Promise<void> {
  if ((await pendingMigrations(url)).length > 0) throw new NotMigratedError();
}
