import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, startProgram, waitFor } from '@jobhive/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepRunning, runToEnd, type Workspace } from '../src/programs.ts';

let workspace: Workspace;
const never = new AbortController().signal;

beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'jobhive-start-'));
  workspace = { root, env: process.env, graceMs: 500 };
});
afterEach(() => rmSync(workspace.root, { recursive: true }));

/** A stand-in for a built program. */
function program(source: string): void {
  const folder = join(workspace.root, 'dist/apps/worker');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'main.js'), source);
}

describe('runToEnd', () => {
  it('hands on each line', async () => {
    program('console.log("line 3: no title"); console.log(process.argv[2])');
    const lines: string[] = [];
    await runToEnd(workspace, 'worker', ['x: 1 new'], never, (line) => lines.push(line));
    expect(lines).toEqual(['line 3: no title', 'x: 1 new']);
  });

  it('fails with the exit code of a wrong configuration and the last of what was said', async () => {
    program('console.error("error: REDIS_PORT is x"); process.exit(2)');
    await expect(runToEnd(workspace, 'worker', ['--once'], never)).rejects.toMatchObject({
      message: 'worker --once ended with 2: REDIS_PORT is x',
      exitCode: 2,
    });
  });

  it('ends the program when the end is asked for', async () => {
    program('setInterval(() => undefined, 1000)');
    const shutdown = new AbortController();
    const running = runToEnd(workspace, 'worker', [], shutdown.signal);
    shutdown.abort(new Error('asked to end'));
    await expect(running).rejects.toThrow('asked to end');
  });
});

describe('keepRunning', () => {
  it('stops in order, and by force what does not', async () => {
    program('process.on("SIGTERM", () => console.log("no")); console.log("up"); setInterval(() => undefined, 1000)');
    const running = keepRunning(workspace, 'worker', 'worker-1', []);
    const log = join(workspace.root, '.state/logs/worker-1.log');
    await waitFor('the program to be up', () => readFileSync(log, 'utf8').includes('up'));
    await running.stop();
    expect(readFileSync(log, 'utf8')).toBe('up\nno\n');
  });

  it('tells when the program ends without having been asked', async () => {
    program('console.error("error: the database has no migrations: run migrate"); process.exit(1)');
    const running = keepRunning(workspace, 'worker', 'worker-1', []);
    expect((await running.died).message).toBe('worker-1 ended with 1: the database has no migrations: run migrate');
    await running.stop();
  });

  it('leaves nothing running when its owner is killed with SIGKILL', async () => {
    program(
      'import { writeFileSync } from "node:fs"; process.on("SIGTERM", () => { writeFileSync("ended", ""); process.exit(0) }); console.log("up"); setInterval(() => undefined, 1000)',
    );
    const source = new URL('../src/programs.ts', import.meta.url).href;
    const script = `const { keepRunning } = await import(${JSON.stringify(source)});
      keepRunning(${JSON.stringify({ ...workspace, env: {} })}, 'worker', 'worker-1', [], console.log); setInterval(() => undefined, 1000)`;
    const owner = startProgram(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
    await owner.waitForLine(/^up$/);
    owner.signal('SIGKILL');
    await waitFor('the program to be asked to end', () => existsSync(join(workspace.root, 'ended')));
  });
});

describe('npm start', () => {
  it('refuses an argument it does not know, with exit 2', async () => {
    const file = new URL('../../start.mjs', import.meta.url).pathname;
    const result = await runProgram(process.execPath, [file, '--onec']);
    expect(result).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('error: unknown argument --onec') as string,
    });
  });
});
