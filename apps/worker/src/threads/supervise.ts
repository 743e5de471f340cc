/**
 * Watches over one stage on one seat: ask, wait, force. At the timeout, or when the task's signal is aborted, the stage's
 * own signal is aborted; if it has not returned after the grace, its thread is ended. The first cause is the one told.
 */
import type { Seat } from './seat.ts';
import { failureOfAbort, failureOfThrown, failureOfTimeout, type StageFailure } from './stage-failure.ts';
import type { StageResult, StageTask } from './stage-task.ts';

const TIMER_MS_MAX = 2_147_483_647;

export interface Supervision {
  readonly abortGraceMs: number;
  /** The task's, and others that end it. */
  readonly signals: readonly AbortSignal[];
}

/** @throws StageFailure; where the thread was ended, once it is gone and can write nothing more */
export async function supervise(
  seat: Seat,
  runId: number,
  task: StageTask,
  { abortGraceMs, signals }: Supervision,
): Promise<StageResult> {
  const { stage, job, outputs, attempt, token, removesBeforeMs, timeoutMs } = task;
  let cause: StageFailure | undefined;
  let grace: NodeJS.Timeout | undefined;
  const stopFor = (failure: StageFailure): void => {
    if (cause !== undefined) return;
    cause = failure;
    seat.abort({ runId, name: failure.aborted ? 'AbortError' : 'TimeoutError', message: failure.message });
    grace = setTimeout(() => void seat.end(), abortGraceMs);
  };
  const onAbort = (): void => {
    stopFor(failureOfAbort(stage));
  };
  const timer = setTimeout(
    () => {
      stopFor(failureOfTimeout(stage, timeoutMs));
    },
    Math.min(timeoutMs, TIMER_MS_MAX),
  );
  for (const signal of signals) signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signals.some(({ aborted }) => aborted)) throw failureOfAbort(stage);
    const answer = await seat.execute({ runId, stage, job, outputs, attempt, token, removesBeforeMs });
    if (cause !== undefined) throw cause;
    if (answer.kind === 'thrown') throw failureOfThrown(answer.thrown, answer.noSpace);
    return { outputJson: answer.outputJson, files: answer.files, durationMs: answer.durationMs };
  } catch (error) {
    if (seat.gone) await seat.end();
    throw cause ?? error;
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
    for (const signal of signals) signal.removeEventListener('abort', onAbort);
  }
}
