/**
 * Writes one document under its unfinished name, and it and its name on to the disk, before it returns: a checkpoint must
 * not name what a power failure takes away. It is synchronous, as it runs in the stage's own thread: so no write can be
 * under way after the stage has returned.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { unfinishedFolder, unfinishedPath } from './names.ts';
import { hasCode } from './file-error.ts';

const TRIES_MAX = 5;

export interface UnfinishedDocument {
  readonly outputDir: string;
  readonly jobId: string;
  readonly token: string;
  readonly name: string;
  readonly data: string | Uint8Array;
}

/** @throws the file system's error */
export function writeUnfinished({ outputDir, jobId, token, name, data }: UnfinishedDocument): void {
  const folder = unfinishedFolder(outputDir, jobId);
  const file = openInFolder(folder, unfinishedPath(outputDir, jobId, token, name));
  try {
    writeFileSync(file, data);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  syncFolder(folder);
  syncFolder(outputDir);
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Another claim of the same job may remove the empty folder between making and using it: then it is made again. */
function openInFolder(folder: string, path: string): number {
  for (let tries = 1; ; tries += 1) {
    mkdirSync(folder, { recursive: true });
    try {
      return openSync(path, 'w');
    } catch (error) {
      if (tries >= TRIES_MAX || !hasCode(error, 'ENOENT')) throw error;
    }
  }
}
