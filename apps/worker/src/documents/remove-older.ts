/**
 * Removes what other claims of a job left unfinished. Synchronous, to be called in a stage's thread before the first
 * stage of a claim: nearly always there is nothing, and seeing that must cost microseconds.
 */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { unfinishedFolder } from './names.ts';
import { hasCode } from './file-error.ts';

/** @throws the file system's error */
export function removeOlder(outputDir: string, jobId: string, keepToken: string): void {
  const folder = unfinishedFolder(outputDir, jobId);
  if (!existsSync(folder)) return;
  try {
    for (const entry of readdirSync(folder)) {
      if (!entry.endsWith(`.${keepToken}`)) rmSync(join(folder, entry), { recursive: true, force: true });
    }
    rmdirSync(folder);
  } catch (error) {
    // Some are kept, or another claim was quicker.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
  }
}
