import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findDevServices, useDevServices } from '../src/dev-services.ts';
import { keeperPorts } from '../src/keeper-call.ts';
import { reachablePath } from '../src/reachable-folder.ts';
import { running, until } from './observe.ts';

const isRoot = process.getuid?.() === 0;
const account = { uid: 65534, gid: 65534 };
const copies: string[] = [];
const programs: ChildProcess[] = [];

/** A working copy: a folder with nothing in it yet. */
function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'jobhive-copy-'));
  copies.push(folder);
  return folder;
}

// Each makes a cluster, and the ordinary user's also fetches Redis: seconds each on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

beforeEach(() => {
  for (const name of ['REDIS_URL', 'REDIS_HOST', 'DATABASE_URL']) Reflect.deleteProperty(process.env, name);
});

afterEach(async () => {
  for (const program of programs.splice(0)) program.kill('SIGKILL');
  for (const folder of copies.splice(0)) {
    await until(
      'the keeper to be gone',
      async () => (await findDevServices(folder)) === undefined && !existsSync(join(folder, '.state/services.json')),
    );
    for (const major of [15, 16, 17, 18]) {
      rmSync(reachablePath(join(folder, `.state/postgres-${major}`)), { recursive: true, force: true });
    }
    rmSync(folder, { recursive: true });
  }
});

interface Client {
  readonly child: ChildProcess;
  readonly redisUrl: string;
  readonly databaseUrl: string;
}

/** Another process that uses the services of the copy, and lives until it is ended. */
async function client(root: string, as: object = {}): Promise<Client> {
  const script = `
    const { useDevServices } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)});
    console.log(JSON.stringify(await useDevServices(${JSON.stringify(root)})));
    setInterval(() => undefined, 1000);`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], ...as });
  programs.push(child);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until('the client to say where', () => /\}\n/.test(said) || child.exitCode !== null, 60_000);
  // What the script above prints; anything else fails here, and is shown.
  const addresses = JSON.parse(said) as { redisUrl: string; databaseUrl: string };
  return { child, ...addresses };
}

function serverPids(root: string): number[] {
  const redis = Number(readFileSync(join(root, '.state/redis/redis.pid'), 'utf8'));
  return [redis];
}

describe('useDevServices', () => {
  it('is shared by all clients, found by others, and ends with the last client', async () => {
    const root = copy();
    expect(await findDevServices(root)).toBeUndefined();
    const [one, two] = await Promise.all([useDevServices(root), useDevServices(root)]);
    expect(two.redisUrl).toBe(one.redisUrl);
    const [pid = 0] = serverPids(root);
    await one.release();
    expect(await findDevServices(root)).toEqual({ redisUrl: two.redisUrl, databaseUrl: two.databaseUrl });
    expect(running(pid)).toBe(true);
    await two.release();
    await two.release();
    expect(running(pid)).toBe(false);
    expect(await findDevServices(root)).toBeUndefined();
  });

  it('ends when its last client is killed with SIGKILL', async () => {
    const root = copy();
    const { child } = await client(root);
    const [pid = 0] = serverPids(root);
    child.kill('SIGKILL');
    await until('the servers to be gone', () => !running(pid));
  });

  it('starts again after everything was killed at once, keeper and guard too', async () => {
    const root = copy();
    const { child, databaseUrl } = await client(root);
    const pids = everythingOf(root);
    expect(pids.length).toBeGreaterThanOrEqual(2);
    child.kill('SIGKILL');
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    const again = await useDevServices(root);
    expect(new URL(again.databaseUrl).password).toBe(new URL(databaseUrl).password);
    await again.release();
  });

  it('runs for two working copies side by side, and though another program holds the port', async () => {
    const [left, right] = [copy(), copy()];
    const stranger = createServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n'));
    await new Promise<void>((resolve) => stranger.listen(keeperPorts(left)[0], '127.0.0.1', resolve));
    const [one, two] = await Promise.all([useDevServices(left), useDevServices(right)]);
    expect(one.redisUrl).not.toBe(two.redisUrl);
    expect(one.databaseUrl).not.toBe(two.databaseUrl);
    await Promise.all([one.release(), two.release()]);
    await new Promise((resolve) => stranger.close(resolve));
  });

  it('is at once ready for a client that comes while it stops', async () => {
    const root = copy();
    const one = await useDevServices(root);
    const releasing = one.release();
    const two = await useDevServices(root);
    expect(await findDevServices(root)).toBeDefined();
    await Promise.all([releasing, two.release()]);
  });

  it('starts nothing where the environment names both services', async () => {
    const root = copy();
    process.env['REDIS_HOST'] = 'redis.example';
    process.env['DATABASE_URL'] = 'postgres://db.example/jobhive';
    const services = await useDevServices(root);
    expect(services.redisUrl).toBe('redis://redis.example:6379/0');
    expect(existsSync(join(root, '.state'))).toBe(false);
    await services.release();
    Reflect.deleteProperty(process.env, 'REDIS_HOST');
    Reflect.deleteProperty(process.env, 'DATABASE_URL');
  });

  it('keeps what is secret from other accounts', async () => {
    const root = copy();
    const services = await useDevServices(root);
    for (const file of ['password', 'services.json', 'redis/redis.conf']) {
      expect(statSync(join(root, '.state', file)).mode & 0o077).toBe(0);
    }
    await services.release();
  });
});

/** The servers of a copy, their keeper and its guard: what names the copy, and what those have started. */
function everythingOf(root: string): number[] {
  const [redis = 0] = serverPids(root);
  const keeper = parentOf(redis);
  return [...childrenOf(keeper), keeper];
}

function parentOf(pid: number): number {
  return Number(/\) . (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1]);
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

describe.each(isRoot ? [account] : [])('as an ordinary user', (as) => {
  it('works as for root', async () => {
    const home = mkdtempSync(join(tmpdir(), 'jobhive-home-'));
    const { chownSync } = await import('node:fs');
    chownSync(home, as.uid, as.gid);
    const { child } = await client(home, { ...as, env: { ...process.env, HOME: home } });
    const [pid = 0] = serverPids(home);
    expect(statSync(`/proc/${pid}`).uid).toBe(as.uid);
    child.kill('SIGKILL');
    await until('the servers to be gone', () => !running(pid));
    await until('the keeper to be done', () => !existsSync(join(home, '.state/services.json')));
    rmSync(home, { recursive: true });
  });
});
