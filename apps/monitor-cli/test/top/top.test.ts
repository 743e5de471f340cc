// `top` as one sees it: driven by keys in a real terminal (tmux), against real stores; and what it leaves of the terminal,
// however it ends. The shell is a plain one that mends nothing by itself.
import { tcpProxy, startTmux, waitFor, type Proxy, type TmuxTerminal } from '@jobhive/test-kit';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { UsageError } from '@jobhive/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failure, startSystem, type System } from '../system.ts';

const run = promisify(execFile);
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const NODE = [process.execPath, '--import', at('../../../../node_modules/tsx/dist/loader.mjs')];
const TOP = [...NODE, at('../../src/main.ts'), 'top'];
const BROKEN_TOP = [...NODE, at('./broken-top.ts')];

let system: System;
let redis: Proxy;
let terminal: TmuxTerminal;
let failed: string[];
let zebra: string;
beforeAll(async () => {
  system = await startSystem();
  redis = await tcpProxy(system.redis.port);
  const [first = '', second = '', third = ''] = await system.discover(3, 'Painter');
  [zebra = ''] = await system.discover(1, 'Zebra keeper');
  await system.ask('enqueue', first, second, third);
  failed = [first, second];
  await system.settle(first, failure('TypeError', 'f1'));
  await system.settle(second, failure('RangeError', 'f2', 'render'));
  const env = { DATABASE_URL: system.env['DATABASE_URL'] ?? '', REDIS_URL: `redis://127.0.0.1:${String(redis.port)}` };
  terminal = await startTmux({ env, cwd: at('../..') });
}, 60_000);
afterAll(async () => {
  await terminal.stop();
  await redis.close();
  await system.stop();
});

let before: string;
/** The modes of the terminal, as a sum that fits a line. */
const modes = async (mark: string): Promise<string> => {
  await terminal.line(`clear; echo ${mark} $(stty -g | cksum)`);
  const line = new RegExp(`^${mark} (\\d+) \\d+$`, 'm');
  return line.exec(await terminal.sees(line))?.[1] ?? '';
};

async function startTop(program = TOP): Promise<void> {
  before = await modes('before');
  await terminal.line(`${program.map((word) => `'${word}'`).join(' ')}; echo "code=$?"`);
  await terminal.sees(/\[1 queue\][^]*waiting/, 45_000);
}

/** The program that the shell started. */
async function childPid(): Promise<number> {
  const { shellPid } = await terminal.flags();
  const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(shellPid)]);
  return Number(stdout.trim().split('\n')[0]);
}

async function expectSane(): Promise<void> {
  await waitFor('the terminal to be as before', async () => {
    const { alternate, cursor, wrap } = await terminal.flags();
    return !alternate && cursor && wrap;
  });
  expect(await modes('after')).toBe(before);
}

async function expectEnd(code: number): Promise<void> {
  await terminal.sees(new RegExp(`^code=${String(code)}$`, 'm'));
  await expectSane();
}

describe('top', { timeout: 120_000 }, () => {
  it('shows its tabs, filters, explains, retries after a question, and quits with a clean terminal', async () => {
    await startTop();
    expect(await terminal.screen()).toMatch(/^job_processing_queue .*failed 2/);
    await terminal.keys('2');
    await terminal.sees(/\[2 workers\][^]*No worker is alive/);
    await terminal.keys('Tab');
    await terminal.sees(/\[3 jobs\][^]*Zebra[^]*Painter/);
    await terminal.keys('/', 'z', 'e', 'b', 'r', 'a', 'Enter');
    expect(await terminal.sees(/filter: zebra[^]*Zebra(?![^]*Painter)/)).toContain('1-4 tabs');
    await terminal.keys('Escape', '?');
    await terminal.sees(/Keys[^]*retry the failed job/);
    await terminal.keys('Escape', '4');
    await terminal.sees(/2 errors: [^]*› \S+.*TypeError: [^]*RangeError/);
    await terminal.keys('j', 'Enter');
    await terminal.sees(/Failed after 1 attempt with RangeError in stage render[^]*WAITED FOR/);
    await terminal.keys('r');
    await terminal.sees(/Retry job .*\?.*y\/n/);
    await terminal.keys('n');
    await terminal.sees(/q quit/);
    expect((await system.repository.findJob(failed[1] ?? ''))?.row.status).toBe('failed');
    await terminal.keys('r', 'y');
    await terminal.sees(/is queued again\./);
    expect((await system.repository.findJob(failed[1] ?? ''))?.row.status).toBe('queued');
    await terminal.sees(/failed 1/);
    await terminal.keys('q');
    await expectEnd(0);
  });

  it('pauses and resumes, retries a group, discards and cancels, each after a question, as the record says then', async () => {
    const status = async (id: string) => (await system.repository.findJob(id))?.row.status;
    const paused = async () =>
      (await system.database.client.query<{ paused: boolean }>('SELECT paused FROM queue_state')).rows[0]?.paused;
    const [first = '', second = '', hopeless = ''] = await system.discover(3, 'Sculptor');
    await system.ask('enqueue', first, second, hopeless);
    for (const id of [first, second]) await system.settle(id, failure('SyntaxError', 'f3'));
    await system.settle(hopeless, failure('URIError', 'f4'));
    await startTop();
    await terminal.keys('p');
    await terminal.sees(/Pause the queue\? \(y\/n\)/);
    await terminal.keys('y');
    await terminal.sees(/^\S+ +PAUSED [^]*The queue is paused/);
    expect(await paused()).toBe(true);
    await terminal.keys('p');
    await terminal.sees(/Let the workers go on\?/);
    await terminal.keys('y');
    await terminal.sees(/^(?!.*PAUSED)[^]*The workers go on\./);
    expect(await paused()).toBe(false);
    await terminal.keys('4', '/', 'f', '3', 'Enter');
    await terminal.sees(/› \S+.*SyntaxError: /);
    await terminal.keys('R');
    await terminal.sees(/Retry 2 jobs that failed with f3\?/);
    await terminal.keys('y');
    await terminal.sees(/No failed job matches\.[^]*2 jobs are queued again\./);
    expect([await status(first), await status(second), await status(hopeless)]).toEqual(['queued', 'queued', 'failed']);
    await terminal.keys('Escape');
    await terminal.sees(/URIError in match/);
    await terminal.keys('/', 'f', '4', 'Enter');
    await terminal.sees(/› \S+.*URIError: /);
    await terminal.keys('d');
    await terminal.sees(/Give job \S+ up for good\?/);
    await terminal.keys('y');
    await terminal.sees(/No failed job matches\.[^]*is discarded/);
    expect(await status(hopeless)).toBe('cancelled');
    await terminal.keys('3', '/', 'z', 'e', 'b', 'r', 'a', 'Enter');
    await terminal.sees(/› \S+ +discovered .*Zebra/);
    await terminal.keys('c', 'y');
    await terminal.sees(/is discovered; only a queued/);
    await system.ask('enqueue', zebra);
    await terminal.keys('c', 'y');
    await terminal.sees(/› \S+ +cancelled .*Zebra[^]*is cancelled\./);
    expect(await status(zebra)).toBe('cancelled');
    await terminal.keys('q');
    await expectEnd(0);
  });

  it('leaves the terminal clean, and tells of it there, when an error ends it that nothing catches', async () => {
    await startTop(BROKEN_TOP);
    process.kill(await childPid(), 'SIGUSR2');
    await terminal.sees(/^error: the clock broke$/m);
    await expectEnd(1);
  });

  it('fits a window that is made smaller, says that Redis is away and back, and ends with 0 on SIGTERM', async () => {
    await startTop();
    await terminal.resize(60, 16);
    const small = await terminal.sees(/\? keys {2}q quit\s*$/);
    expect(small.trimEnd().split('\n')).toHaveLength(16);
    await terminal.resize(80, 24);
    await redis.refuse(true);
    redis.cut();
    await terminal.sees(/Redis is away/);
    await redis.heal();
    await terminal.sees(/\[1 queue\](?![^]*Redis is away)[^]*0 alive/);
    process.kill(await childPid(), 'SIGTERM');
    await expectEnd(0);
  });

  it('leaves the terminal clean when it is killed', async () => {
    await startTop();
    process.kill(await childPid(), 'SIGKILL');
    await terminal.sees(/top was killed/);
    await expectSane();
    await terminal.line('clear; echo still here');
    await terminal.sees(/^still here$/m);
  });

  it('without a terminal is wrong usage', async () => {
    const { code, error, stdout } = await system.run(['top']);
    expect([code, stdout, error instanceof UsageError]).toEqual([2, '', true]);
    expect(error?.message).toMatch(/^top needs a terminal/);
  });

  it('is drawn by code that no other command loads', async () => {
    const commands = await readFile(at('../../src/commands/top.ts'), 'utf8');
    expect(commands).not.toMatch(/^import .*(ink|react|run-top)/m);
  });
});
