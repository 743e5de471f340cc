/**
 * Imports the pipeline, in a thread: what a module does on load is not the main thread's risk. Without a module it is the
 * built-in one.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import builtIn from '../stages/built-in.ts';
import { parseStages } from './parse-stages.ts';
import type { Stage } from './stage.ts';

/**
 * @param pipelineModule path of an ES module, from the working directory
 * @throws whatever the module throws on load, or PipelineShapeError
 */
export async function importStages(pipelineModule: string | undefined): Promise<readonly Stage[]> {
  if (pipelineModule === undefined) return parseStages(builtIn);
  // Reason: an import named at run time has no type; parseStages looks at it.
  const imported = (await import(pathToFileURL(resolve(pipelineModule)).href)) as { readonly default?: unknown };
  return parseStages(imported.default);
}
