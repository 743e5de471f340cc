import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { watchForLeaks } from '../src/leaks.ts';
import { startProgram } from '../src/program.ts';

describe('watchForLeaks', () => {
  it('names a child process that was left, until it is gone', async () => {
    const leaks = watchForLeaks();
    const program = startProgram(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await expect(leaks.assertNothingLeft(50)).rejects.toThrow(`process ${program.pid} (`);
    await program.stop();
    await leaks.assertNothingLeft();
  });

  it('names a handle that was left open, until it is closed', async () => {
    const leaks = watchForLeaks();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await expect(leaks.assertNothingLeft(50)).rejects.toThrow('1 × TCPServerWrap');
    await new Promise((resolve) => server.close(resolve));
    await leaks.assertNothingLeft();
  });
});
