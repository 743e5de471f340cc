// Writes a pipeline module into a folder of its own, and says where; the folder goes when the test file is through.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'jobhive-worker-'));
  folders.push(folder);
  return folder;
}

/** @param stages source of an array of stages */
export function pipelineFile(stages: string, before = ''): string {
  const path = join(temporaryFolder(), 'pipeline.mjs');
  writeFileSync(path, `${before}\nexport default ${stages};\n`);
  return path;
}
