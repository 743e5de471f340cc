import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tcpProxy, testServerUrl } from '@jobhive/test-kit';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as runMigrations } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../src/connect/database.ts';
import { assertMigrated, migrate, pendingMigrations } from '../src/migrate.ts';

const FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));
const JOURNAL = JSON.parse(readFileSync(`${FOLDER}/meta/_journal.json`, 'utf8')) as { entries: { tag: string }[] }; // written by drizzle-kit
const ALL = JOURNAL.entries.map(({ tag }) => tag);
const made: string[] = [];

async function asAdmin(sql: string, url = testServerUrl()): Promise<pg.QueryResult<Record<string, unknown>>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client.query<Record<string, unknown>>(sql).finally(() => client.end());
}

async function emptyDatabase(): Promise<string> {
  const name = `jobhive_migrate_${randomBytes(5).toString('hex')}`;
  await asAdmin(`CREATE DATABASE ${name} TEMPLATE template0`);
  made.push(name);
  const url = new URL(testServerUrl());
  url.pathname = `/${name}`;
  return url.href;
}

/** As a version did that knew the first migrations only. */
async function migrateAsOf(url: string, count: number): Promise<void> {
  const older = mkdtempSync(join(tmpdir(), 'jobhive-migrations-'));
  cpSync(FOLDER, older, { recursive: true });
  writeFileSync(
    `${older}/meta/_journal.json`,
    JSON.stringify({ ...JOURNAL, entries: JOURNAL.entries.slice(0, count) }),
  );
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await runMigrations(drizzle(client), { migrationsFolder: older }).finally(() => client.end());
  rmSync(older, { recursive: true });
}

async function asked<T>(url: string, question: (db: Database) => Promise<T>): Promise<T> {
  const database = openDatabase({ url });
  return question(database).finally(() => database.close());
}

afterAll(async () => {
  for (const name of made) await asAdmin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
});

describe('migrate', () => {
  it('by four processes at once on an empty database is done by one, and the others find nothing left', async () => {
    const url = await emptyDatabase();
    expect(await asked(url, pendingMigrations)).toEqual(ALL);
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(url)));
    expect(applied.filter((names) => names.length > 0)).toEqual([ALL]);
    expect(await asked(url, pendingMigrations)).toEqual([]);
    expect((await asAdmin('SELECT id, paused FROM queue_state', url)).rows).toEqual([{ id: 1, paused: false }]);
    expect((await asAdmin('SELECT id, used FROM enqueue_budget', url)).rows).toEqual([{ id: 1, used: 0 }]);
  });

  it('asked again applies nothing, and changes nothing', async () => {
    const url = await emptyDatabase();
    expect(await migrate(url)).toEqual(ALL);
    await asAdmin('UPDATE queue_state SET paused = true', url);
    expect(await migrate(url)).toEqual([]);
    expect((await asAdmin('SELECT paused FROM queue_state', url)).rows).toEqual([{ paused: true }]);
  });

  it('applies what is missing alone, to the database of an older version', async () => {
    const url = await emptyDatabase();
    await migrateAsOf(url, 2);
    expect(await asked(url, pendingMigrations)).toEqual(ALL.slice(2));
    await asAdmin('UPDATE queue_state SET paused = true', url);
    expect(await migrate(url)).toEqual(ALL.slice(2));
    expect((await asAdmin('SELECT paused FROM queue_state', url)).rows).toEqual([{ paused: true }]);
  });

  it('leaves nothing behind where it fails half way', async () => {
    const url = await emptyDatabase();
    await asAdmin('CREATE TABLE queue_state ()', url);
    await expect(migrate(url)).rejects.toThrow();
    expect(await asked(url, pendingMigrations)).toEqual(ALL);
    expect((await asAdmin(`SELECT to_regclass('jobs') AS jobs`, url)).rows).toEqual([{ jobs: null }]);
    await asAdmin('DROP TABLE queue_state', url);
    expect(await migrate(url)).toEqual(ALL);
  });
});

describe('a program', () => {
  it('is refused by a database without migrations, and told the command', async () => {
    const url = await emptyDatabase();
    const refused = asked(url, assertMigrated);
    await expect(refused).rejects.toMatchObject({ code: 'not_migrated', exitCode: 1 });
    await expect(refused).rejects.toThrow('monitor-cli migrate');
  });

  it('goes on with a database that a later version has migrated further', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    await asAdmin(`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('later', 99999999999999)`, url);
    await expect(asked(url, assertMigrated)).resolves.toBeUndefined();
    expect(await migrate(url)).toEqual([]);
  });
});

describe('what cannot be had is told apart', () => {
  it('a server that is away', async () => {
    const url = new URL(testServerUrl());
    const proxy = await tcpProxy(Number(url.port), url.hostname);
    await proxy.refuse(true);
    url.port = String(proxy.port);
    await expect(migrate(url.href)).rejects.toMatchObject({ code: 'postgres_away' });
    await proxy.close();
  });

  it('a server that takes the connection and never answers, within seconds', async () => {
    const url = new URL(testServerUrl());
    const proxy = await tcpProxy(Number(url.port), url.hostname);
    proxy.blackhole(true);
    url.port = String(proxy.port);
    const from = performance.now();
    await expect(asked(url.href, assertMigrated)).rejects.toMatchObject({ code: 'postgres_away' });
    expect(performance.now() - from).toBeLessThan(10_000);
    await proxy.close();
  });

  it('a password or a database that is wrong, and no secret in the words', async () => {
    const url = new URL(testServerUrl());
    url.password = 'wrong-secret';
    const denied = await migrate(url.href).catch((error: unknown) => error);
    expect(denied).toMatchObject({ code: 'postgres_denied' });
    expect(String(denied)).not.toContain('wrong-secret');
    const nowhere = new URL(testServerUrl());
    nowhere.pathname = '/not_there';
    await expect(asked(nowhere.href, pendingMigrations)).rejects.toMatchObject({ code: 'postgres_denied' });
  });
});
