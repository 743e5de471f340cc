import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { removeLeftovers } from '../../src/documents/leftovers.ts';
import { temporaryFolder } from '../pipeline-file.ts';
import { JOB_ID } from '../postings.ts';

const OTHER = '5d2c7d8e-0f10-4a6b-8d2b-3a1f4c5e6d70';
const DAY_MS = 24 * 60 * 60 * 1000;

function aged(path: string, ageMs: number): void {
  const at = new Date(Date.now() - ageMs);
  utimesSync(path, at, at);
}

describe('removeLeftovers', () => {
  it('removes unfinished documents that are older than a day, and nothing else', async () => {
    const dir = temporaryFolder();
    for (const id of [JOB_ID, OTHER]) {
      mkdirSync(join(dir, `.${id}`));
      writeFileSync(join(dir, `.${id}`, 'a.md.T1'), 'x');
    }
    aged(join(dir, `.${JOB_ID}`, 'a.md.T1'), DAY_MS + 60_000);
    aged(join(dir, `.${JOB_ID}`), DAY_MS + 60_000);
    // The folder is old, what lies in it is not.
    aged(join(dir, `.${OTHER}`), DAY_MS + 60_000);
    for (const mine of [`${JOB_ID}-a.md`, '.gitkeep', '.cache']) {
      writeFileSync(join(dir, mine), '');
      aged(join(dir, mine), 9 * DAY_MS);
    }
    expect(await removeLeftovers(dir)).toEqual([JOB_ID]);
    expect(readdirSync(dir).sort()).toEqual([`.${OTHER}`, '.cache', '.gitkeep', `${JOB_ID}-a.md`].sort());
  });

  it('takes another age and another time', async () => {
    const dir = temporaryFolder();
    mkdirSync(join(dir, `.${JOB_ID}`));
    const now = (): Date => new Date(Date.now() + 2 * DAY_MS);
    expect(await removeLeftovers(dir, { ageMs: 3 * DAY_MS, now })).toEqual([]);
    expect(await removeLeftovers(dir, { now })).toEqual([JOB_ID]);
  });

  it('says that there is no folder to look into', async () => {
    await expect(removeLeftovers(join(temporaryFolder(), 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
