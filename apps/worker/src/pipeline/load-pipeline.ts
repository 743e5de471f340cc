/**
 * Asks a thread what stages the pipeline has, and lets the thread go: the main thread keeps names, versions and
 * timeouts only. Whatever is wrong with the module, also that it never finishes loading, ends as one clear line and exit
 * code 2. It does not run a stage, and cannot know that the module still loads later.
 */
import { ProgramError } from '@jobhive/config';
import { Worker } from 'node:worker_threads';
import type { CheckAnswer } from '../threads/messages.ts';
import { threadFile } from '../threads/thread-file.ts';
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
  const { path, execArgv } = threadFile('check-pipeline-thread');
  const thread = new Worker(path, { workerData: { pipelineModule }, ...(execArgv === undefined ? {} : { execArgv }) });
  try {
    const answer = await firstAnswer(thread, loadMsMax);
    if ('reason' in answer) throw new PipelineModuleError(pipelineModule, answer.reason);
    return answer.stages;
  } finally {
    await thread.terminate();
  }
}

function firstAnswer(thread: Worker, loadMsMax: number): Promise<CheckAnswer> {
  return new Promise((resolve) => {
    const late = `it did not finish loading within ${String(loadMsMax / 1000)} s`;
    const timer = setTimeout(() => {
      resolve({ reason: late });
    }, loadMsMax);
    thread.once('message', (answer: CheckAnswer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    thread.on('error', (error: unknown) => {
      clearTimeout(timer);
      resolve({ reason: `it fails on load: ${error instanceof Error ? error.message : String(error)}` });
    });
    thread.once('exit', (code) => {
      clearTimeout(timer);
      resolve({ reason: `it ends its thread on load (exit code ${String(code)})` });
    });
  });
}

function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim().slice(0, REASON_CHARS_MAX);
}
