/**
 * Where a document lies, and under what name. A stage writes `OUTPUT_DIR/.JOB_ID/name.TOKEN`; after its checkpoint that
 * becomes `OUTPUT_DIR/JOB_ID-name`. The unfinished ones of a job have a hidden folder of their own, so that a claim
 * finds older ones by one look at that folder, however many documents lie beside it, and so that a name of 200 bytes
 * still fits the file system's 255 with its token.
 */
import { join } from 'node:path';

export const NAME_BYTES_MAX = 200;

/** Hidden folder of one job, on the file system of its documents. */
export function unfinishedFolder(outputDir: string, jobId: string): string {
  return join(outputDir, `.${jobId}`);
}

export function unfinishedPath(outputDir: string, jobId: string, token: string, name: string): string {
  return join(unfinishedFolder(outputDir, jobId), `${name}.${token}`);
}

export function finishedPath(outputDir: string, jobId: string, name: string): string {
  return join(outputDir, `${jobId}-${name}`);
}

/** Whether an entry of OUTPUT_DIR is the hidden folder of a job. */
export function isUnfinishedFolder(entry: string): boolean {
  return /^\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(entry);
}

/** What is wrong with a document's name, or undefined. */
export function nameFault(name: unknown): string | undefined {
  if (typeof name !== 'string' || name === '') return 'must be a text that is not empty';
  if (name.startsWith('.')) return 'must not begin with a dot';
  if (/[/\\]/u.test(name)) return 'must not contain a path separator';
  if (/\p{Cc}/u.test(name)) return 'must not contain control characters';
  if (/\p{Cs}/u.test(name)) return 'must be well-formed Unicode';
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) return `must take at most ${String(NAME_BYTES_MAX)} bytes`;
  return undefined;
}
