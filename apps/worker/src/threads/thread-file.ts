/**
 * Where a thread's file lies: beside main.js in a bundle, where all entries are flat; beside this file in the sources,
 * where Node needs tsx to read it.
 */
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface ThreadFile {
  readonly path: string;
  readonly execArgv: string[];
}

/**
 * Piscina first tries `require` on its file. Node 20 then links an ES module synchronously, and when the thread is ended in
 * that moment, Node ends the whole process ("IsGraphAsync must be used on an instantiated module"). Without it, `import` it is.
 */
const WITHOUT_REQUIRE_OF_MODULES = '--no-experimental-require-module';

export function threadFile(
  name: 'inside-thread' | 'check-pipeline-thread',
  here: string = import.meta.url,
): ThreadFile {
  const execArgv = [WITHOUT_REQUIRE_OF_MODULES];
  if (!here.endsWith('.ts')) return { path: fileURLToPath(new URL(`./${name}.js`, here)), execArgv };
  const tsx = pathToFileURL(createRequire(here).resolve('tsx')).href;
  return { path: fileURLToPath(new URL(`./${name}.ts`, here)), execArgv: [...execArgv, '--import', tsx] };
}
