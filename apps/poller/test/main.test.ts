import { startProgram, waitFor, type StartedProgram } from '@jobhive/test-kit';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testRecord, type TestRecord } from './record.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

let record: TestRecord;
let folder: string;
beforeAll(async () => {
  [record, folder] = await Promise.all([testRecord(), mkdtemp(join(tmpdir(), 'jobhive-main-'))]);
});
afterAll(async () => {
  await Promise.all([record.end(), rm(folder, { recursive: true })]);
});

function start(args: readonly string[], env: Record<string, string> = {}): StartedProgram {
  return startProgram(process.execPath, ['--import', 'tsx', MAIN, ...args], {
    cwd: ROOT,
    env: { DATABASE_URL: record.url, REDIS_URL: process.env['JOBHIVE_TEST_REDIS_URL'] ?? '', ...env },
  });
}

describe('the program', () => {
  it('polls the sample postings where nothing is configured, and ends with 0', async () => {
    const program = start(['--once']);
    expect(await program.exited).toEqual({ code: 0, signal: null });
    const lines = program.stdout().trim().split('\n');
    expect(lines.at(-1)).toMatch(
      /^file:tools\/samples\/postings\.ndjson: \d\d new, 0 updated, 2 unchanged, 6 rejected$/,
    );
    expect(lines.slice(0, -1).every((line) => /^line \d+: /.test(line))).toBe(true);
  });

  it('ends with 1 and one line on stderr where a source failed, with 2 where it was used wrongly', async () => {
    const [failed, wrong] = [start(['--once', '-s', 'file:nowhere'], { LOG_LEVEL: 'error' }), start(['--nope'])];
    expect((await failed.exited).code).toBe(1);
    const errors = failed
      .stderr()
      .split('\n')
      .filter((line) => line.startsWith('error: '));
    expect(errors).toEqual([expect.stringMatching(/^error: file:nowhere failed: nowhere: there is no such file; /)]);
    expect((await wrong.exited).code).toBe(2);
    expect(wrong.stderr()).toBe('error: Unknown argument: nope; see `poller --help`\n');
    expect(wrong.stdout()).toBe('');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends in order with 0 on %s', async (signal) => {
    await writeFile(join(folder, 'a.json'), '[]');
    const program = start(['-s', `file:${folder}/a.json`]);
    await program.waitForLine(/0 new, 0 updated, 0 unchanged, 0 rejected$/);
    program.signal(signal);
    expect(await program.exited).toEqual({ code: 0, signal: null });
    await waitFor('no lease', async () => (await record.count('select count(*) from leases')) === 0);
  });
});
