import { readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasCode, isNoSpace } from '../../src/documents/file-error.ts';
import { makeOutputDir } from '../../src/documents/output-dir.ts';
import { temporaryFolder } from '../pipeline-file.ts';

/** Of Linux, with the ending byte. */
const PATH_MAX = 4096;

describe('makeOutputDir', () => {
  it('makes the folder with those above it, and leaves nothing in it', async () => {
    const path = join(temporaryFolder(), 'a', 'b');
    expect(await makeOutputDir(relative(process.cwd(), path))).toBe(path);
    expect(readdirSync(path)).toEqual([]);
    expect(await makeOutputDir(path)).toBe(path);
  });

  it('ends with exit code 2 where a file is in the way, naming OUTPUT_DIR and the reason', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(makeOutputDir(join(file, 'x'))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^OUTPUT_DIR ".*file\/x" cannot be used \(ENOTDIR/) as string,
    });
  });

  it('ends with exit code 2 where the folder is there and nothing can be written into it', async () => {
    // As deep as a path may be: the folder has room for its own name, and for no file in it.
    const deep = join(temporaryFolder(), ...Array.from({ length: 60 }, () => 'd'.repeat(63)));
    const path = join(deep, 'd'.repeat(Math.max(1, PATH_MAX - 2 - deep.length)));
    await expect(makeOutputDir(path)).rejects.toMatchObject({ exitCode: 2, code: 'output_dir' });
  });
});

describe('errors of the file system', () => {
  it('are told apart by their code', () => {
    const of = (code: string): Error => Object.assign(new Error(code), { code });
    expect(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES'].map((code) => isNoSpace(of(code)))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(isNoSpace({ code: 'ENOSPC' })).toBe(false);
    expect(hasCode(of('ENOENT'), 'EEXIST', 'ENOENT')).toBe(true);
    expect(hasCode(new Error('x'), 'ENOENT')).toBe(false);
  });
});
