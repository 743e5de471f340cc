/**
 * Makes OUTPUT_DIR and shows that it can be written to, by writing to it. It promises nothing for later: a disk may fill
 * up, and then files.write says so.
 */
import { ProgramError } from '@jobhive/config';
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { hasCode, isNoSpace } from './file-error.ts';

/** OUTPUT_DIR cannot be made or written to: exit 2. */
export class OutputDirError extends ProgramError {
  override readonly name = 'OutputDirError';

  constructor(outputDir: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`OUTPUT_DIR "${outputDir}" cannot be used (${reason}); name a folder that can be made and written to`, {
      code: 'output_dir',
      exitCode: 2,
      cause,
    });
  }
}

/**
 * @returns the absolute path
 * @throws OutputDirError
 */
export async function makeOutputDir(outputDir: string): Promise<string> {
  const path = resolve(outputDir);
  try {
    await mkdir(path, { recursive: true });
    await tryToWrite(path);
    return path;
  } catch (error) {
    throw new OutputDirError(outputDir, error);
  }
}

/** A full disk is no reason not to start: jobs are given back until there is room. A read-only one is. */
async function tryToWrite(folder: string): Promise<void> {
  const probe = join(folder, `.probe-${randomUUID()}`);
  try {
    await writeFile(probe, '');
  } catch (error) {
    if (!isNoSpace(error) || hasCode(error, 'EROFS')) throw error;
  } finally {
    await rm(probe, { force: true });
  }
}
