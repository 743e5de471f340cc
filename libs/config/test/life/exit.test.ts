import {
  runProgram as runToEnd,
  startProgram,
  waitFor,
  type ProgramResult,
  type StartedProgram,
} from '@jobhive/test-kit';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const cwd = fileURLToPath(new URL('.', import.meta.url));
const args = (behaviour: string): string[] => ['--import', 'tsx', 'fixture-program.ts', behaviour];

const run = (behaviour: string, env: Record<string, string> = {}): Promise<ProgramResult> =>
  runToEnd(process.execPath, args(behaviour), { cwd, env });

const start = (behaviour: string): StartedProgram => startProgram(process.execPath, args(behaviour), { cwd });

const shell = (command: string): Promise<ProgramResult> =>
  runToEnd('bash', ['-c', command], { cwd, env: { NODE: process.execPath } });

describe('a program ends', () => {
  it('with 0, or the number its main gives', async () => {
    expect(await run('done')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await run('number')).toEqual({ code: 1, stdout: '', stderr: '' });
  });

  it('when its main does, also where handles were left open', async () => {
    expect(await run('open handles')).toEqual({ code: 0, stdout: 'done\n', stderr: '' });
  });

  it('after a slow reader has taken all of its output', async () => {
    const { stdout } = await shell('"$NODE" --import tsx fixture-program.ts large | (sleep 1; wc -c)');
    expect(Number(stdout)).toBe(5_000_000);
  });

  it('with one line and its exit code when it failed', async () => {
    const refused = { code: 1, stdout: '', stderr: 'error: it was refused: ask again later\n' };
    expect(await run('refused')).toEqual(refused);
    expect(await run('configuration')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: A is wrong\nerror: B is wrong\n',
    });
    expect(await run('synchronous')).toEqual({ code: 1, stdout: '', stderr: 'error: thrown at once\n' });
  });

  it('with a stack where LOG_LEVEL is debug', async () => {
    const { stderr } = await run('refused', { LOG_LEVEL: 'debug' });
    expect(stderr).toMatch(/^error: it was refused: ask again later\nRefusedError: .*\n\s+at /);
  });

  it('with one line and 1 for what nobody waited for or caught', async () => {
    expect(await run('rejection')).toEqual({ code: 1, stdout: '', stderr: 'error: nobody waited\n' });
    expect(await run('exception')).toEqual({ code: 1, stdout: '', stderr: 'error: nobody caught\n' });
  });

  // What had gone wrong: the error was taken for one of a program that is ending already, which then never ended.
  it('with one line and 1 where what listens to its exit throws', async () => {
    expect(await run('throwing exit')).toEqual({ code: 1, stdout: '', stderr: 'error: thrown at the exit\n' });
  });

  it('with 1 where it has nothing left to wait for before its main ended', async () => {
    const { code, stderr } = await run('stuck');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: the program ran out of things to wait for .*\n$/);
  });

  it('quietly with 0 when the reader of its stdout goes', async () => {
    const { stdout, stderr } = await shell(
      '"$NODE" --import tsx fixture-program.ts endless | head -n 1; echo "${PIPESTATUS[0]}"',
    );
    expect({ stdout, stderr }).toEqual({ stdout: 'line\n0\n', stderr: '' });
  });

  it('as ever when its stderr was closed while it logs', async () => {
    const { stdout } = await shell(
      '{ "$NODE" --import tsx fixture-program.ts "closed stderr" 2>&1 >&3 | head -n 1 >/dev/null; echo "${PIPESTATUS[0]}"; } 3>&1',
    );
    expect(stdout).toBe('done\n0\n');
  });
});

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('asks for an orderly end: %s', async (signal) => {
    const program = start('orderly');
    await program.waitForLine(/ready/);
    program.signal(signal);
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(program.stdout()).toContain('stopped in order');
  });

  it('is no failure where the abort alone comes out of main', async () => {
    const program = start('aborted');
    await program.waitForLine(/ready/);
    program.signal('SIGINT');
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(program.stderr()).toBe('');
  });

  it('forces the end once 1 s has passed since the first, and not before', async () => {
    const program = start('stubborn');
    await program.waitForLine(/ready/);
    let ended = false;
    void program.exited.then(() => (ended = true));
    const firstMs = performance.now();
    await waitFor('the forced end', () => {
      program.signal('SIGINT');
      return ended;
    });
    expect(performance.now() - firstMs).toBeGreaterThanOrEqual(1_000);
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(program.stdout()).toContain('asked');
    expect(program.stderr()).toMatch(/^error: ended at once by a second SIGINT.*\n$/);
  });
});
