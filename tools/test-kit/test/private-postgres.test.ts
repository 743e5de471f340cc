// The tests of tools/servers' Postgres stand here, since they need a client, which that package has not.
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type PrivatePostgresOptions, type RunningServer, startPrivatePostgres } from '@jobhive/servers';
import pg from 'pg';

const isRoot = process.getuid?.() === 0;
const started: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.remove()));
});

async function postgres(options: PrivatePostgresOptions = {}): Promise<RunningServer> {
  const server = await startPrivatePostgres(options);
  started.push(server);
  return server;
}

/** The first column of the first row, as text. */
async function answer(url: string, sql: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url, types: { getTypeParser: () => String } });
  await client.connect();
  try {
    const { rows } = await client.query<string[]>({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}

// Each makes up to three clusters (initdb), which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

describe('startPrivatePostgres', () => {
  it('lets in whoever has the password, and nobody else', async () => {
    const server = await postgres({ database: 'jobhive', settings: { max_connections: '20' } });
    expect(await answer(server.url, 'show max_connections')).toBe('20');
    const url = new URL(server.url);
    url.password = 'wrong';
    await expect(answer(url.href, 'select 1')).rejects.toThrow('password authentication failed');
  });

  it('comes back on the same port and data after SIGKILL and after a stop', async () => {
    const server = await postgres();
    await answer(server.url, 'create table kept as select 7 as n');
    await server.kill();
    await server.restart();
    await server.stop();
    await server.restart();
    expect(await answer(server.url, 'select n from kept')).toBe('7');
  });

  it('runs the packaged binaries where none are installed, and removes the data it made', async () => {
    const server = await postgres({ source: 'package' });
    expect(Number(await answer(server.url, "select current_setting('server_version_num')"))).toBeGreaterThanOrEqual(
      180_000,
    );
    await server.remove();
    expect(existsSync(server.dataDir)).toBe(false);
  });

  it('keeps its data in the folder asked for, and starts though an abandoned server still holds it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobhive-kept-'));
    chmodSync(folder, 0o711);
    const options = { dataDir: join(folder, 'postgres'), password: 'secret', source: 'package' } as const;
    const first = await postgres(options);
    await answer(first.url, 'create table kept as select 7 as n');
    expect(first.dataDir.startsWith(folder)).toBe(true);
    const second = await postgres(options);
    expect(await answer(second.url, 'select n from kept')).toBe('7');
    await second.stop();
    rmSync(folder, { recursive: true });
  });

  it('makes half-made data, and data under another password, anew', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobhive-kept-'));
    chmodSync(folder, 0o711);
    const dataDir = join(folder, 'postgres');
    const first = await postgres({ dataDir, password: 'one' });
    await answer(first.url, 'create table gone ()');
    await first.stop();
    const second = await postgres({ dataDir, password: 'two' });
    expect(await answer(second.url, "select to_regclass('gone') is null")).toBe('t');
    await second.stop();
    rmSync(join(second.dataDir, '..', 'initialised'));
    rmSync(join(second.dataDir, 'global'), { recursive: true });
    const third = await postgres({ dataDir, password: 'two' });
    expect(await answer(third.url, 'select 1')).toBe('1');
    await third.stop();
    rmSync(folder, { recursive: true });
  });

  it('as root below a folder that only root may enter, runs as another account with data in /var/tmp', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobhive-closed-'));
    const server = await postgres({ dataDir: join(folder, 'postgres') });
    expect(await answer(server.url, 'select 1')).toBe('1');
    const owner = statSync(server.dataDir).uid;
    expect(owner === process.getuid?.()).toBe(!isRoot);
    expect(server.dataDir.startsWith(isRoot ? '/var/tmp/jobhive-' : folder)).toBe(true);
    await server.stop();
    rmSync(folder, { recursive: true });
    if (isRoot) rmSync(join(server.dataDir, '..', '..'), { recursive: true });
  });

  it('writes its password nowhere that others can read', async () => {
    const server = await postgres({ password: 'very-secret-word' });
    expect(statSync(server.dataDir).mode & 0o077).toBe(0);
    expect(readFileSync(`/proc/${server.pid}/cmdline`, 'utf8')).not.toContain('very-secret-word');
    const left = await new Promise<string>((resolve) =>
      execFile('grep', ['-rl', 'very-secret-word', join(server.dataDir, '..')], (_, stdout) => resolve(stdout)),
    );
    expect(left).toBe('');
  });
});
