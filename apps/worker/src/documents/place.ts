/**
 * Brings documents to their final names, after the checkpoint that names them is on record. Every step can be done again:
 * a claim finishes what a lost worker began. It guarantees that a document under its final name is whole and durable; not
 * that it is still there: what people moved away from OUTPUT_DIR stays away.
 */
import { open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finishedPath, unfinishedFolder, unfinishedPath } from './names.ts';
import { hasCode } from './file-error.ts';

export interface Place {
  /** Renames the named files of that token to their final names; those already renamed are passed over. */
  finishRenames(jobId: string, token: string, names: readonly string[]): Promise<void>;
  /** Removes unfinished files of this token: its attempt ended without a checkpoint for them. */
  discard(jobId: string, token: string): Promise<void>;
}

export function createPlace(outputDir: string): Place {
  return {
    finishRenames: (jobId, token, names) => finishRenames(outputDir, jobId, token, names),
    discard: (jobId, token) => discard(outputDir, jobId, token),
  };
}

/** @throws the file system's error, unless a file was renamed before */
export async function finishRenames(
  outputDir: string,
  jobId: string,
  token: string,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  for (const name of names) {
    try {
      await rename(unfinishedPath(outputDir, jobId, token, name), finishedPath(outputDir, jobId, name));
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
  await syncFolder(outputDir);
  await removeIfEmpty(unfinishedFolder(outputDir, jobId));
}

/** @throws the file system's error */
export async function discard(outputDir: string, jobId: string, token: string): Promise<void> {
  const folder = unfinishedFolder(outputDir, jobId);
  const entries = await entriesOf(folder);
  if (entries === undefined) return;
  for (const entry of entries.filter((name) => name.endsWith(`.${token}`))) {
    await rm(join(folder, entry), { recursive: true, force: true });
  }
  await removeIfEmpty(folder);
}

/** undefined where there is no folder, which is the rule. */
async function entriesOf(folder: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Another claim may be writing into it, or have removed it. */
async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
