import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { blockLoop, openDebugger } from '../src/block-loop.ts';
import { startProgram } from '../src/program.ts';
import { waitFor } from '../src/wait-for.ts';

it('the main thread stands still as long as it is told to, and goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jobhive-block-'));
  const [reached, go] = [join(folder, 'reached'), join(folder, 'go')];
  const file = (call: string, path: string): string =>
    `process.getBuiltinModule('fs').${call}(${JSON.stringify(path)}, '')`;
  const script = `process.on('SIGUSR2', () => console.log('heard it')); console.log('up'); setInterval(() => {}, 1000)`;
  const program = startProgram(process.execPath, ['--inspect-port=0', '-e', script]);
  try {
    await program.waitForLine(/^up$/);
    const address = await openDebugger(program.pid, () => program.stderr());
    if (address === undefined) throw new Error('no debugger');
    blockLoop(address, `${file('writeFileSync', reached)}, !${file('existsSync', go)}`);
    await waitFor('it to stand still', () => existsSync(reached));
    program.signal('SIGUSR2');
    rmSync(reached);
    await waitFor('it to turn on', () => existsSync(reached));
    expect(program.stdout()).not.toContain('heard it');
    writeFileSync(go, '');
    await program.waitForLine(/heard it/);
  } finally {
    await program.stop();
    rmSync(folder, { recursive: true });
  }
});

it('a process that has ended has no debugger', async () => {
  const program = startProgram(process.execPath, ['-e', '']);
  await program.exited;
  expect(await openDebugger(program.pid, () => program.stderr())).toBeUndefined();
});
