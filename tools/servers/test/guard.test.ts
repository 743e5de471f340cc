import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { until, running } from './observe.ts';

/** A program that starts one server of each kind, says where, and then just lives. */
const owner = `
  const { startPrivateRedis, startPrivatePostgres } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)});
  const servers = await Promise.all([startPrivateRedis(), startPrivatePostgres()]);
  console.log(JSON.stringify(servers.map(({ pid, dataDir }) => ({ pid, dataDir }))));
  if (process.argv.at(-1) === 'stay') setInterval(() => undefined, 1000);
`;

let program: ChildProcess | undefined;
afterEach(() => void program?.kill('SIGKILL'));

function start(...args: readonly string[]): {
  servers: Promise<{ pid: number; dataDir: string }[]>;
  child: ChildProcess;
} {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', owner, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  program = child;
  // What the program above prints.
  const servers = new Promise<{ pid: number; dataDir: string }[]>((resolve) =>
    child.stdout.once('data', (chunk: Buffer) =>
      resolve(JSON.parse(chunk.toString()) as { pid: number; dataDir: string }[]),
    ),
  );
  return { servers, child };
}

describe('servers of a process', () => {
  it('are gone, with their data, when it is killed with SIGKILL', async () => {
    const { servers, child } = start('stay');
    const [redis, postgres] = await servers;
    expect([redis, postgres].map((server) => running(server?.pid ?? 0))).toEqual([true, true]);
    child.kill('SIGKILL');
    await until('both servers to be gone', () => !running(redis?.pid ?? 0) && !running(postgres?.pid ?? 0));
    await until(
      'their data to be gone',
      () => !existsSync(redis?.dataDir ?? '') && !existsSync(postgres?.dataDir ?? ''),
    );
  });

  it('do not keep it alive, and go when it ends by itself', async () => {
    const { servers, child } = start('leave');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const [redis, postgres] = await servers;
    expect(await ended).toBe(0);
    await until('both servers to be gone', () => !running(redis?.pid ?? 0) && !running(postgres?.pid ?? 0));
  });
});
