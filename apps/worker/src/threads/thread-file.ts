/**
 * Where a thread's file lies: beside main.js in a bundle, where all entries are flat; beside this file in the sources,
 * where Node needs tsx to read it.
 */
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface ThreadFile {
  readonly path: string;
  /** Undefined: as the main thread's. */
  readonly execArgv: string[] | undefined;
}

export function threadFile(
  name: 'inside-thread' | 'check-pipeline-thread',
  here: string = import.meta.url,
): ThreadFile {
  if (!here.endsWith('.ts')) return { path: fileURLToPath(new URL(`./${name}.js`, here)), execArgv: undefined };
  const tsx = pathToFileURL(createRequire(here).resolve('tsx')).href;
  return { path: fileURLToPath(new URL(`./${name}.ts`, here)), execArgv: ['--import', tsx] };
}
