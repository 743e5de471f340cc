import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runProgram, startProgram } from '../src/program.ts';
import { waitFor } from '../src/wait-for.ts';

const node = process.execPath;

describe('runProgram', () => {
  it('answers with exit code and both streams', async () => {
    const result = await runProgram(node, ['-e', 'console.log("out"); console.error("err"); process.exit(3)']);
    expect(result).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  it('gives the program a bare environment and what is asked for', async () => {
    process.env['JOBHIVE_LEAKS'] = 'yes';
    const script = 'console.log(process.env.JOBHIVE_LEAKS, process.env.GIVEN)';
    expect((await runProgram(node, ['-e', script], { env: { GIVEN: 'given' } })).stdout).toBe('undefined given\n');
  });

  it('kills a program that takes too long, and shows what it said', async () => {
    const script = 'console.log("still here"); setInterval(() => {}, 1000)';
    await expect(runProgram(node, ['-e', script], { timeoutMs: 1_000 })).rejects.toThrow('still here');
  });

  it('says so where there is no such program', () => {
    expect(() => startProgram('/no/such/program', [])).toThrow('/no/such/program cannot be run');
  });
});

describe('startProgram', () => {
  it('waits for a line, hands signals on and tells how the program ended', async () => {
    const script =
      'process.on("SIGUSR2", () => console.error("heard it")); console.log("up"); setInterval(() => {}, 1000)';
    const program = startProgram(node, ['-e', script]);
    expect(await program.waitForLine(/^up$/)).toBe('up');
    program.signal('SIGUSR2');
    expect(await program.waitForLine(/heard/)).toBe('heard it');
    expect(await program.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('fails the wait for a line when the program ends without it', async () => {
    const program = startProgram(node, ['-e', 'console.error("no config"); process.exit(2)']);
    await expect(program.waitForLine(/^up$/)).rejects.toThrow(/"code":2[^]*no config/);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'leaves no program running when the process that started it ends by %s',
    async (name) => {
      const source = new URL('../src/program.ts', import.meta.url).href;
      const script = `const { startProgram } = await import(${JSON.stringify(source)});
      console.log(startProgram(process.execPath, ['-e', 'setInterval(() => {}, 1000)']).pid); setInterval(() => {}, 1000)`;
      const owner = startProgram(node, ['--import', 'tsx', '--input-type=module', '-e', script]);
      const pid = Number(await owner.waitForLine(/^\d+$/));
      owner.signal(name);
      await waitFor('the grandchild to be gone', () => !alive(pid));
    },
  );
});

/** A process that ended and was not collected, since whoever inherited it does not, is not alive. */
function alive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}
