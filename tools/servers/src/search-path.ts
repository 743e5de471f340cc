/**
 * Programs on the search path, without asking a shell.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** The file as it would be run, or undefined. */
export function onPath(program: string, path = process.env['PATH'] ?? ''): string | undefined {
  return pathFolders(path)
    .map((folder) => join(folder, program))
    .find(executable);
}

export function pathFolders(path = process.env['PATH'] ?? ''): readonly string[] {
  return path.split(delimiter).filter(isAbsolute);
}

export function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
