// The program itself: streams, exit codes, signals, a reader that goes.
import { runProgram, startProgram } from '@jobhive/test-kit';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSystem, type System } from './system.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const MAIN = ['--import', at('../../../node_modules/tsx/dist/loader.mjs'), at('../src/main.ts')];

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const run = (...words: string[]) => runProgram(process.execPath, [...MAIN, ...words], { env: system.env });

describe('monitor-cli', { timeout: 90_000 }, () => {
  it('answers on stdout alone, and ends with 0', async () => {
    const { code, stdout, stderr } = await run('status', '--json');
    expect([code, stderr, stdout.trimEnd().split('\n').length]).toEqual([0, '', 1]);
    expect(JSON.parse(stdout)).toHaveProperty('depth', 0);
  });

  it('without a command shows help on stderr and ends with 2', async () => {
    const { code, stdout, stderr } = await run();
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/Commands:[^]*\nerror: no command was given/);
  });

  it('tells wrong usage in one line, without a stack', async () => {
    const { code, stdout, stderr } = await run('stauts');
    expect([code, stdout, stderr]).toEqual([
      2,
      '',
      'error: there is no command "stauts"; did you mean status? (see `monitor-cli --help`)\n',
    ]);
  });

  it('tells wrong configuration, a line for each value', async () => {
    const { code, stderr } = await runProgram(process.execPath, [...MAIN, 'status'], {
      env: { REDIS_PORT: 'x', RQ_MAX_RETRIES: '-1' },
    });
    expect(code).toBe(2);
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .map((line) => line.slice(0, 12)),
    ).toEqual(['error: REDIS', 'error: RQ_MA']);
  });

  it('status --watch ends with 0 on SIGINT', async () => {
    const program = startProgram(process.execPath, [...MAIN, 'status', '--watch', '--json'], { env: system.env });
    await program.waitForLine(/"depth"/, 60_000);
    program.signal('SIGINT');
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(program.stderr()).toBe('');
  });

  it('ends in good order when the reader of its answer goes', async () => {
    const line = `"${process.execPath}" ${MAIN.map((part) => `"${part}"`).join(' ')} status --watch --json | head -n 1`;
    const { code, stdout, stderr } = await runProgram('/bin/bash', ['-o', 'pipefail', '-c', line], { env: system.env });
    expect([code, stderr, stdout.split('\n').length]).toEqual([0, '', 2]);
  });

  // What had gone wrong: a file half full, nothing on stderr, and 0.
  it('ends with 1 where a signal comes while it waits for its reader, and with 0 where its reader went', async () => {
    await system.discover(3000); // more than a pipe holds
    const program = `"${process.execPath}" ${MAIN.map((part) => `"${part}"`).join(' ')} jobs`;
    const shell = (lines: string) => runProgram('/bin/bash', ['-o', 'pipefail', '-c', lines], { env: system.env });
    for (const options of ['--ndjson', '--json --limit 1000']) {
      const stalled = await shell(`dir=$(mktemp -d) && mkfifo "$dir/answer" && exec 3<>"$dir/answer" && rm -r "$dir"
      ${program} ${options} >&3 & read -r -n 1 -u 3 && kill -TERM $! && wait $!`);
      expect([stalled.code, stalled.stderr]).toEqual([
        1,
        'error: interrupted before it was done; what was done by then stays, and it may be run again\n',
      ]);
    }
    const { code, stdout, stderr } = await shell(`${program} --ndjson | head -n 1`);
    expect([code, stderr, stdout.split('\n').length]).toEqual([0, '', 2]);
  });
});
