// The shell completes the words of monitor-cli, called by its name as the README says.
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';
import { programFile } from '../src/programs.ts';

const folder = dirname(programFile('monitor-cli'));

async function completed(...words: string[]): Promise<string[]> {
  const script = `source <(monitor-cli completion bash)
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _monitor_cli; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  const { stdout } = await promisify(execFile)('bash', ['-c', script, 'bash', 'monitor-cli', ...words], {
    env,
    cwd: '/',
  });
  return stdout.trim().split('\n');
}

it('completes commands, what they take, and their options, from any folder', async () => {
  expect(await completed('fai')).toEqual(['failed']);
  expect(await completed('failed', 'gr')).toEqual(['groups']);
  expect(await completed('retry', '--fing')).toEqual(['--fingerprint']);
});
