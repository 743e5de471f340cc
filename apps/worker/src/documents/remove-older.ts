/**
 * Removes what earlier claims of a job left unfinished: files of other tokens, older than the claim. A worker that was frozen
 * past its lease does not know yet that it has a successor, and must leave its documents alone. Synchronous, to be called in a stage's thread before the first
 * stage of a claim: nearly always there is nothing, and seeing that must cost microseconds.
 */
import { existsSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { unfinishedFolder } from './names.ts';
import { hasCode } from './file-error.ts';

/**
 * @param claim its token, and the wall clock's time when it was asked for, in ms since the epoch
 * @throws the file system's error
 */
export function removeOlder(
  outputDir: string,
  jobId: string,
  claim: { readonly token: string; readonly askedAtMs: number },
): void {
  const folder = unfinishedFolder(outputDir, jobId);
  if (!existsSync(folder)) return;
  try {
    for (const entry of readdirSync(folder)) {
      const path = join(folder, entry);
      if (entry.endsWith(`.${claim.token}`) || statSync(path).mtimeMs >= claim.askedAtMs) continue;
      rmSync(path, { recursive: true, force: true });
    }
    rmdirSync(folder);
  } catch (error) {
    // Some are kept, or another claim was quicker.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
  }
}
