/**
 * Removes, at a worker's start, what attempts that never finished left in OUTPUT_DIR, once it is a day old: younger ones
 * may belong to a worker that lives. It passes over the documents without a look at each, and over everything that is
 * not ours.
 */
import { lstat, opendir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isUnfinishedFolder } from './names.ts';
import { hasCode } from './file-error.ts';

export const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;

export interface LeftoverOptions {
  /** An attempt that may last longer than a day needs a longer age. */
  readonly ageMs?: number;
  /** The wall clock, since file times are. */
  readonly now?: () => Date;
}

/** @returns the ids of the jobs whose leftovers went */
export async function removeLeftovers(outputDir: string, options: LeftoverOptions = {}): Promise<readonly string[]> {
  const { ageMs = LEFTOVER_AGE_MS, now = () => new Date() } = options;
  const before = now().getTime() - ageMs;
  const removed: string[] = [];
  for await (const entry of await opendir(outputDir)) {
    if (!entry.isDirectory() || !isUnfinishedFolder(entry.name)) continue;
    const folder = join(outputDir, entry.name);
    if ((await lastChangeMs(folder)) >= before) continue;
    await rm(folder, { recursive: true, force: true });
    removed.push(entry.name.slice(1));
  }
  return removed;
}

/** When the folder or something in it was last written; endless where another worker removed it meanwhile. */
async function lastChangeMs(folder: string): Promise<number> {
  try {
    let lastMs = (await lstat(folder)).mtimeMs;
    for (const name of await readdir(folder)) lastMs = Math.max(lastMs, (await lstat(join(folder, name))).mtimeMs);
    return lastMs;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return Infinity;
    throw error;
  }
}
