/**
 * Runs one stage at a time, in whatever thread it is made in, and answers with plain data: it never throws. What a stage
 * is given is dead once the stage has ended. An error that nobody caught is blamed on the stage from whose code it came,
 * told by the asynchronous context: a stage that has already ended only has it logged.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { finishedPath, nameFault } from '../documents/names.ts';
import { isNoSpace } from '../documents/file-error.ts';
import { removeOlder } from '../documents/remove-older.ts';
import { writeUnfinished } from '../documents/write-unfinished.ts';
import { PermanentError } from '../pipeline/errors.ts';
import type { Stage, StageContext, StageFiles } from '../pipeline/stage.ts';
import type { AbortOrder, RunAnswer, RunOrder, Told } from './messages.ts';
import { outputJson } from './output-json.ts';
import { describeThrown } from './thrown.ts';
import { createVoice, type Voice } from './voice.ts';

export interface StageRunner {
  readonly run: (order: RunOrder) => Promise<RunAnswer>;
  /** Aborts the signal of that run, if it is the one that runs. */
  readonly abort: (order: AbortOrder) => void;
  /** For an error that nobody caught; to be called in the context in which it came up. */
  readonly uncaught: (error: unknown) => void;
  /** Whether the calling code belongs to a stage that has already ended. */
  readonly calledByLeftover: () => boolean;
}

export interface StageRunnerOptions {
  readonly stages: readonly Stage[];
  readonly outputDir: string;
  readonly tell: (told: Told) => void;
}

interface Run {
  readonly order: RunOrder;
  readonly controller: AbortController;
  readonly voice: Voice;
  readonly files: Set<string>;
  /** Rejects when the stage's code throws where no promise of it can tell. */
  readonly broken: Promise<never>;
  readonly fail: (error: unknown) => void;
  ended: boolean;
  noSpace: boolean;
}

export function createStageRunner({ stages, outputDir, tell }: StageRunnerOptions): StageRunner {
  const owner = new AsyncLocalStorage<Run>();
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  let current: Run | undefined;
  return {
    run: async (order) => {
      const run = beginRun(order, tell);
      current = run;
      const answer = await perform(
        run,
        (context) => owner.run(run, () => call(byName, order.stage, context)),
        outputDir,
      );
      current = undefined;
      return answer;
    },
    abort: ({ runId, name, message }) => {
      if (current?.order.runId === runId) current.controller.abort(namedError(name, message));
    },
    uncaught: (error) => {
      const run = owner.getStore();
      if (run !== undefined && run === current) run.fail(error);
      else
        tell({ kind: 'left_over', jobId: run?.order.job.id, stage: run?.order.stage, thrown: describeThrown(error) });
    },
    calledByLeftover: () => owner.getStore()?.ended === true,
  };
}

function beginRun(order: RunOrder, tell: (told: Told) => void): Run {
  let fail: (error: unknown) => void = () => undefined;
  const broken = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const voice = createVoice(order.runId, tell);
  return {
    order,
    controller: new AbortController(),
    voice,
    files: new Set(),
    broken,
    fail,
    ended: false,
    noSpace: false,
  };
}

async function perform(
  run: Run,
  callStage: (context: StageContext) => Promise<unknown>,
  outputDir: string,
): Promise<RunAnswer> {
  const startedMs = performance.now();
  try {
    const { job, token, removesBeforeMs } = run.order;
    if (removesBeforeMs !== undefined) removeOlder(outputDir, job.id, { token, askedAtMs: removesBeforeMs });
    const output = await Promise.race([callStage(contextOf(run, outputDir)), run.broken]);
    const durationMs = performance.now() - startedMs;
    return { kind: 'done', outputJson: outputJson(output), files: [...run.files], durationMs, told: end(run) };
  } catch (error) {
    return { kind: 'thrown', thrown: describeThrown(error), noSpace: run.noSpace, told: end(run) };
  }
}

/** @returns how often the run spoke */
function end(run: Run): number {
  run.ended = true;
  return run.voice.end();
}

async function call(byName: ReadonlyMap<string, Stage>, name: string, context: StageContext): Promise<unknown> {
  const stage = byName.get(name);
  if (stage === undefined) throw new Error(`the pipeline has no stage "${name}" any more; start the worker again`);
  return await stage.run(context);
}

function contextOf(run: Run, outputDir: string): StageContext {
  const { job, outputs, attempt, stage } = run.order;
  const { progress, log } = run.voice;
  const effectKey = `${job.id}:${stage}`;
  return {
    job,
    outputs,
    attempt,
    effectKey,
    signal: run.controller.signal,
    progress,
    log,
    files: filesOf(run, outputDir),
  };
}

function filesOf(run: Run, outputDir: string): StageFiles {
  const { job, token, stage } = run.order;
  // Reason for async without await: whatever goes wrong comes as a rejection.
  // eslint-disable-next-line @typescript-eslint/require-await
  const write = async (name: string, data: string | Uint8Array): Promise<string> => {
    if (run.ended) throw new Error(`stage "${stage}" has returned; it can write no more files`);
    const fault = nameFault(name);
    if (fault !== undefined) throw new PermanentError(`the name of a document ${fault}: ${JSON.stringify(name)}`);
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
      throw new PermanentError(`the document "${name}" must be a string or a Uint8Array`);
    }
    try {
      writeUnfinished({ outputDir, jobId: job.id, token, name, data });
    } catch (error) {
      run.noSpace ||= isNoSpace(error);
      throw error;
    }
    run.files.add(name);
    return finishedPath(outputDir, job.id, name);
  };
  return { write };
}

function namedError(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
