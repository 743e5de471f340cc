import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { threadFile } from '../../src/threads/thread-file.ts';

describe('threadFile', () => {
  it('finds the file beside main.js in a bundle, without tsx', () => {
    expect(threadFile('inside-thread', 'file:///app/main.js')).toEqual({
      path: '/app/inside-thread.js',
      execArgv: ['--no-experimental-require-module'],
    });
  });

  it('finds the source, to be read by tsx', () => {
    const { path, execArgv } = threadFile('check-pipeline-thread');
    expect(existsSync(path)).toBe(true);
    expect(execArgv).toEqual([
      '--no-experimental-require-module',
      '--import',
      expect.stringMatching(/^file:.*tsx/) as string,
    ]);
  });

  it('is the name of an entry that exists', async () => {
    expect((await import('../../src/threads/check-pipeline-thread.ts')).default).toBeTypeOf('function');
    await expect((await import('../../src/threads/inside-thread.ts')).default).rejects.toThrow('entry of a thread');
  });
});
