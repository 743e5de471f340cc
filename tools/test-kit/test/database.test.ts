import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testDatabase, testServerUrl } from '../src/database.ts';

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** A folder of migrations of its own, so that each test has its own template. */
function migrations(sql: string): { folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'jobhive-migrations-'));
  writeFileSync(join(folder, '0000.sql'), sql);
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

describe('testDatabase', () => {
  it('migrates one template for many files that ask at once, and gives each a database of its own', async () => {
    const { folder, remove } = migrations('create table seen (n int)');
    let migrated = 0;
    const migrate = async (url: string): Promise<void> => {
      migrated += 1;
      await query(url, 'create table seen (n int)');
    };
    const databases = await Promise.all([1, 2, 3, 4].map(() => testDatabase({ migrate, migrations: folder })));
    expect(migrated).toBe(1);
    await databases[0]?.client.query('insert into seen values (1)');
    expect((await databases[1]?.client.query('select from seen'))?.rowCount).toBe(0);
    await Promise.all(databases.map((database) => database.drop()));
    remove();
  });

  it('migrates anew when the migrations change, or have failed', async () => {
    const { folder, remove } = migrations('select 1');
    await expect(testDatabase({ migrate: (url) => query(url, 'create nonsense'), migrations: folder })).rejects.toThrow(
      'syntax error',
    );
    const first = await testDatabase({ migrate: (url) => query(url, 'create table a ()'), migrations: folder });
    writeFileSync(join(folder, '0001.sql'), 'create table b ()');
    const second = await testDatabase({ migrate: (url) => query(url, 'create table b ()'), migrations: folder });
    await expect(second.client.query('select from b')).resolves.toMatchObject({ rowCount: 0 });
    await Promise.all([first.drop(), second.drop()]);
    remove();
  });

  it('drops its database though others are connected to it', async () => {
    const { folder, remove } = migrations('select 2');
    const database = await testDatabase({ migrate: () => Promise.resolve(), migrations: folder });
    const other = new pg.Client({ connectionString: database.url });
    other.on('error', () => undefined);
    await other.connect();
    await database.drop();
    const name = new URL(database.url).pathname.slice(1);
    const admin = new pg.Client({ connectionString: testServerUrl() });
    await admin.connect();
    expect((await admin.query('select from pg_database where datname = $1', [name])).rowCount).toBe(0);
    await admin.end();
    remove();
  });
});
