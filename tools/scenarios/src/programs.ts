/**
 * Where the built programs lie: dist/apps of this working copy, or JOBHIVE_DIST where another build is to be judged. Building
 * is not done here: the target `e2e` does it first.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type App = 'worker' | 'poller' | 'monitor-cli';

const DIST = process.env['JOBHIVE_DIST'] ?? fileURLToPath(new URL('../../../dist/apps', import.meta.url));

/** The file to run. */
export function programFile(app: App): string {
  const file = join(DIST, app, 'main.js');
  if (!existsSync(file)) throw new Error(`${app} is not built: run \`npx nx build ${app}\``);
  return file;
}

/** One of the pipelines of this project, for PIPELINE_MODULE. */
export function pipelineFile(name: string): string {
  return fileURLToPath(new URL(`../pipelines/${name}.mjs`, import.meta.url));
}
