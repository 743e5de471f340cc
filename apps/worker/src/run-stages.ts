/**
 * The pipeline of one attempt: what an earlier claim left is put in order, then stage after stage, a checkpoint after each,
 * its documents renamed into place after the checkpoint. The last stage's record is handed back, to ride in the settle,
 * unless it wrote files. It guarantees that nothing is renamed whose checkpoint is not on record; it settles nothing.
 */
import { describeError, type Clock, type Logger } from '@jobhive/config';
import { StaleClaimError, type StageRecord } from '@jobhive/db';
import type { Place } from './documents/place.ts';
import { isNoSpace } from './documents/file-error.ts';
import type { JobPosting, StageInfo } from './pipeline/stage.ts';
import { outdatedBy, outputsBefore, outputsKept, remaining, type StageOutputs } from './remaining-stages.ts';
import { failureOfAbort, failureOfThrown, failureOfTimeout } from './threads/stage-failure.ts';
import type { StagePool } from './threads/pool.ts';
import type { StageTask } from './threads/stage-task.ts';
import { describeThrown } from './threads/thrown.ts';

export interface RunStagesOptions {
  readonly claim: {
    readonly jobId: string;
    readonly token: string;
    readonly attempt: number;
    /** When it was asked for: wall clock, epoch ms. */
    readonly askedAtMs: number;
    readonly job: JobPosting;
    readonly stageOutputs: StageOutputs;
  };
  readonly stages: readonly StageInfo[];
  readonly pool: Pick<StagePool, 'run'>;
  /** Asked until it is known; the record is to bear the claim's token where it names files. */
  readonly checkpoint: (record: StageRecord) => Promise<'done' | 'stale'>;
  readonly place: Place;
  readonly signal: AbortSignal;
  /** End of the attempt's time, by `clock.monotonicMs()`; what a checkpoint waits for Postgres does not count. */
  readonly deadlineMs: number;
  /** A stage begins. */
  readonly onStage: (stage: string) => void;
  readonly onProgress: (stage: string, fraction: number, text: string) => void;
  /** The attempt's, with job and attempt as fields. */
  readonly log: Logger;
  readonly clock: Clock;
}

export interface StagesDone {
  /** Not on record yet: it belongs into the settle. */
  readonly last: StageRecord | undefined;
}

/** @throws StageFailure, StaleClaimError, or what `checkpoint` throws */
export async function runStages(options: RunStagesOptions): Promise<StagesDone> {
  const { claim, stages } = options;
  await takeOver(options);
  const left = remaining(stages, claim.stageOutputs);
  const outputs = outputsKept(left, claim.stageOutputs);
  let waitedMs = 0;
  for (const stage of left) {
    const record = await runStage(options, stage, {
      outputs: outputsBefore(stages, outputs, stage.name),
      removesBeforeMs: stage === left[0] ? claim.askedAtMs : undefined,
      outdates: outdatedBy(stage, left, claim.stageOutputs),
      deadlineMs: options.deadlineMs + waitedMs,
    });
    if (stage === left.at(-1) && record.files.length === 0) return { last: record };
    const fromMs = options.clock.monotonicMs();
    await putOnRecord(options, record);
    waitedMs += options.clock.monotonicMs() - fromMs;
    outputs.set(stage.name, JSON.parse(record.outputJson));
  }
  return { last: undefined };
}

/** Finishes the renames that checkpoints name; what other claims left besides goes before the first stage, in its thread. */
async function takeOver({ claim, place }: RunStagesOptions): Promise<void> {
  await placing(async () => {
    for (const { token, files } of Object.values(claim.stageOutputs)) {
      if (token !== undefined && files !== undefined) await place.finishRenames(claim.jobId, token, files);
    }
  });
}

async function runStage(
  options: RunStagesOptions,
  stage: StageInfo,
  {
    outdates,
    deadlineMs,
    ...given
  }: Pick<StageTask, 'outputs' | 'removesBeforeMs'> &
    Pick<StageRecord, 'outdates'> &
    Pick<RunStagesOptions, 'deadlineMs'>,
): Promise<StageRecord> {
  const { claim, pool, signal, clock, log } = options;
  if (signal.aborted) throw failureOfAbort(stage.name);
  const leftMs = deadlineMs - clock.monotonicMs();
  if (leftMs <= 0) throw failureOfTimeout(stage.name, 0);
  options.onStage(stage.name);
  try {
    const { outputJson, files, durationMs } = await pool.run({
      stage: stage.name,
      job: claim.job,
      ...given,
      attempt: claim.attempt,
      token: claim.token,
      timeoutMs: stage.timeoutSeconds === undefined ? leftMs : Math.min(stage.timeoutSeconds * 1_000, leftMs),
      signal,
      onProgress: (fraction, text) => {
        options.onProgress(stage.name, fraction, text);
      },
      onLog: (level, message, fields) => {
        log[level](message, { ...fields, stage: stage.name });
      },
    });
    return {
      stage: stage.name,
      outputJson,
      attempt: claim.attempt,
      version: stage.version,
      durationMs,
      files,
      outdates,
    };
  } catch (error) {
    await discard(options);
    throw error;
  }
}

async function putOnRecord(options: RunStagesOptions, record: StageRecord): Promise<void> {
  const { claim, checkpoint, place } = options;
  if ((await checkpoint(record)) === 'stale') {
    await discard(options);
    throw new StaleClaimError(claim.jobId);
  }
  await placing(() => place.finishRenames(claim.jobId, claim.token, record.files));
}

/** Unfinished documents of a stage that is not on record. That they stay, for a day, must not hide why it is not. */
async function discard({ claim, place, log }: RunStagesOptions): Promise<void> {
  try {
    await place.discard(claim.jobId, claim.token);
  } catch (error) {
    log.warn('unfinished documents could not be removed', describeError(error));
  }
}

/** @throws StageFailure where the documents cannot be placed */
async function placing(place: () => Promise<void>): Promise<void> {
  try {
    await place();
  } catch (error) {
    throw failureOfThrown(describeThrown(error), isNoSpace(error));
  }
}
