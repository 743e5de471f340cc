// Brings the schema up to date. Safe from several processes at once: all of it is one transaction under an advisory lock
// that belongs to the transaction, so it holds behind a pooler too; the second finds nothing left to do.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describeUrl, type Executor, type Statement } from './connect/database.ts';
import { failureKind } from './connect/outage.ts';
import { NotMigratedError, PostgresAwayError, PostgresDeniedError } from './lifecycle/errors.ts';

const LOCK_WAIT_MS = 60_000;
/** An index over some millions of rows takes minutes. */
const STEP_MAX_MS = 30 * 60_000;

const LAST_APPLIED: Statement = {
  name: 'last_migration',
  text: 'SELECT max(created_at)::text AS at FROM drizzle.__drizzle_migrations',
};

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
  if (typeof known.rows[0]?.found !== 'string') return 0; // a failed question would end the transaction
  return Number((await client.query<{ at: string | null }>(LAST_APPLIED.text)).rows[0]?.at ?? 0);
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, query_timeout: STEP_MAX_MS });
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
  // Loaded when they are needed: each other start of a program would pay for them.
  const { drizzle } = await import('drizzle-orm/node-postgres');
  const { migrate: runMigrations } = await import('drizzle-orm/node-postgres/migrator');
  return withClient(url, async (client) => {
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
export async function pendingMigrations(db: Executor): Promise<string[]> {
  const { entries } = readJournal(migrationsFolder());
  const before = await db.query<{ at: string | null }>(LAST_APPLIED).then(
    ([row]) => Number(row?.at ?? 0),
    (error: unknown) => {
      if (error instanceof NotMigratedError) return 0;
      throw error;
    },
  );
  return entries.filter((entry) => entry.when > before).map((entry) => entry.tag);
}

/** @throws NotMigratedError where a migration is missing */
export async function assertMigrated(db: Executor): Promise<void> {
  if ((await pendingMigrations(db)).length > 0) throw new NotMigratedError();
}
