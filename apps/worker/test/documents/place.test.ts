import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { removeOlder } from '../../src/documents/remove-older.ts';
import { createPlace, finishRenames } from '../../src/documents/place.ts';
import { writeUnfinished } from '../../src/documents/write-unfinished.ts';
import { temporaryFolder } from '../pipeline-file.ts';
import { JOB_ID } from '../postings.ts';

const unfinished = (outputDir: string, token: string, name: string, data = name): void => {
  writeUnfinished({ outputDir, jobId: JOB_ID, token, name, data });
};
const folder = `.${JOB_ID}`;

describe('finishRenames', () => {
  it('brings the files of that token to their final names, and leaves nothing hidden behind', async () => {
    const dir = temporaryFolder();
    unfinished(dir, 'T1', 'a.md', 'whole');
    unfinished(dir, 'T1', 'b.md');
    await createPlace(dir).finishRenames(JOB_ID, 'T1', ['a.md', 'b.md']);
    expect(readdirSync(dir).sort()).toEqual([`${JOB_ID}-a.md`, `${JOB_ID}-b.md`]);
    expect(readFileSync(join(dir, `${JOB_ID}-a.md`), 'utf8')).toBe('whole');
  });

  it('can be done again, finishes what was half done, and overwrites an older document', async () => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, `${JOB_ID}-b.md`), 'old');
    unfinished(dir, 'T1', 'b.md', 'new');
    await finishRenames(dir, JOB_ID, 'T1', ['a.md', 'b.md']);
    await finishRenames(dir, JOB_ID, 'T1', ['a.md', 'b.md']);
    expect(readdirSync(dir)).toEqual([`${JOB_ID}-b.md`]);
    expect(readFileSync(join(dir, `${JOB_ID}-b.md`), 'utf8')).toBe('new');
  });

  it('does not touch the files of another token', async () => {
    const dir = temporaryFolder();
    unfinished(dir, 'T1', 'a.md');
    unfinished(dir, 'T2', 'a.md');
    await finishRenames(dir, JOB_ID, 'T1', ['a.md']);
    expect(readdirSync(join(dir, folder))).toEqual(['a.md.T2']);
  });

  it('does nothing where no file is named, also without a folder', async () => {
    await finishRenames(join(temporaryFolder(), 'none'), JOB_ID, 'T1', []);
  });

  it('says what the file system refuses', async () => {
    const dir = temporaryFolder();
    unfinished(dir, 'T1', 'a.md');
    mkdirSync(join(dir, `${JOB_ID}-a.md`));
    await expect(finishRenames(dir, JOB_ID, 'T1', ['a.md'])).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

describe('discard', () => {
  it('removes what that token left, and is content where there is nothing', async () => {
    const dir = temporaryFolder();
    const place = createPlace(dir);
    await place.discard(JOB_ID, 'T1');
    unfinished(dir, 'T1', 'a.md');
    unfinished(dir, 'T2', 'b.md');
    await place.discard(JOB_ID, 'T1');
    expect(readdirSync(join(dir, folder))).toEqual(['b.md.T2']);
    await place.discard(JOB_ID, 'T2');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('says what the file system refuses', async () => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, folder), '');
    await expect(createPlace(dir).discard(JOB_ID, 'T1')).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});

describe('removeOlder', () => {
  const later = (token: string) => ({ token, askedAtMs: Date.now() + 60_000 });

  it('removes the files of all tokens but one', () => {
    const dir = temporaryFolder();
    removeOlder(dir, JOB_ID, later('T2'));
    for (const token of ['T1', 'T2', 'T3']) unfinished(dir, token, 'a.md');
    removeOlder(dir, JOB_ID, later('T2'));
    expect(readdirSync(join(dir, folder))).toEqual(['a.md.T2']);
    removeOlder(dir, JOB_ID, later('T4'));
    expect(readdirSync(dir)).toEqual([]);
  });

  // A worker thawed after its lease, began its first stage, and removed what its successor had written but not renamed yet:
  // the job ended as processed, its document gone.
  it('leaves the files of a later claim alone', () => {
    const dir = temporaryFolder();
    const askedAtMs = Date.now() - 60_000;
    unfinished(dir, 'SUCCESSOR', 'a.md');
    removeOlder(dir, JOB_ID, { token: 'THAWED', askedAtMs });
    expect(readdirSync(join(dir, folder))).toEqual(['a.md.SUCCESSOR']);
  });

  it('says what the file system refuses', () => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, folder), '');
    expect(() => {
      removeOlder(dir, JOB_ID, later('T1'));
    }).toThrow('ENOTDIR');
  });
});

describe('writeUnfinished', () => {
  it('says what the file system refuses', () => {
    const dir = temporaryFolder();
    expect(() => {
      unfinished(join(dir, 'a'.repeat(300)), 'T1', 'a');
    }).toThrow('ENAMETOOLONG');
    mkdirSync(join(dir, folder, 'a.T1'), { recursive: true });
    expect(() => {
      unfinished(dir, 'T1', 'a');
    }).toThrow('EISDIR');
    rmSync(join(dir, folder), { recursive: true });
  });
});
