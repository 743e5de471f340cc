/**
 * Asks a thread what stages the pipeline has, and lets the thread go: the main thread keeps names, versions and
 * timeouts only. Whatever is wrong with the module, also that it never finishes loading, ends as one clear line and exit
 * code 2. It does not run a stage, and cannot know that the module still loads later.
 */
import { ProgramError } from '@jobhive/config';
import { Piscina } from 'piscina';
import type { CheckAnswer } from '../threads/messages.ts';
import { threadFile } from '../threads/thread-file.ts';
import { describeThrown } from '../threads/thrown.ts';
import type { StageInfo } from './stage.ts';

const LOAD_MS_MAX = 10_000;
const REASON_CHARS_MAX = 500;

/** PIPELINE_MODULE cannot be used: exit 2. */
export class PipelineModuleError extends ProgramError {
  override readonly name = 'PipelineModuleError';

  constructor(pipelineModule: string | undefined, reason: string) {
    const what = pipelineModule === undefined ? 'the built-in pipeline' : `PIPELINE_MODULE "${pipelineModule}"`;
    const cure = 'correct the module, or unset PIPELINE_MODULE for the built-in pipeline';
    super(`${what} cannot be used: ${oneLine(reason)}; ${cure}`, { code: 'pipeline_module', exitCode: 2 });
  }
}

/** @throws PipelineModuleError */
export async function loadPipeline(
  pipelineModule: string | undefined,
  { loadMsMax = LOAD_MS_MAX }: { readonly loadMsMax?: number } = {},
): Promise<readonly StageInfo[]> {
  const answer = await askThread(pipelineModule, loadMsMax);
  if ('reason' in answer) throw new PipelineModuleError(pipelineModule, answer.reason);
  return answer.stages;
}

async function askThread(pipelineModule: string | undefined, loadMsMax: number): Promise<CheckAnswer> {
  const { path, execArgv } = threadFile('check-pipeline-thread');
  const thread = new Piscina({ filename: path, minThreads: 0, maxThreads: 1, atomics: 'disabled', execArgv });
  // What else goes wrong in a thread that has answered, or is being ended, changes nothing.
  thread.on('error', () => undefined);
  const late = AbortSignal.timeout(loadMsMax);
  try {
    // Reason: the thread's file answers with nothing else.
    return (await thread.run(pipelineModule, { signal: late })) as CheckAnswer;
  } catch (error) {
    if (late.aborted) return { reason: `it did not finish loading within ${String(loadMsMax / 1000)} s` };
    return { reason: `it fails on load: ${describeThrown(error).message}` };
  } finally {
    await thread.destroy();
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim().slice(0, REASON_CHARS_MAX);
}
