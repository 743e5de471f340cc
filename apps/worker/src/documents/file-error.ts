/** Which errors of the file system mean what. No space: OUTPUT_DIR takes no more, the job is given back, not failed. */
const CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

export function isNoSpace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && CODES.has(error.code);
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
