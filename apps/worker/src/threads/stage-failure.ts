/**
 * Why a stage did not come to its end, as a value to judge: `name`, `message` and `stack` are those of what the stage
 * threw. `aborted` means that the signal given with the task ended it, whatever the stage then threw or returned; the
 * cause is on that signal.
 */
import type { Thrown } from './thrown.ts';

export type StageFailureReason = 'error' | 'timeout' | 'memory' | 'exit';

export interface StageFailureFacts {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly reason: StageFailureReason;
  readonly permanent?: boolean;
  readonly retryAfterSeconds?: number | undefined;
  readonly aborted?: boolean;
  readonly code?: UnableCode | undefined;
}

/** The job can do nothing for it, and is given back: OUTPUT_DIR takes no more, or no thread could be started. */
export type UnableCode = 'no_space' | 'no_thread';

export class StageFailure extends Error {
  override readonly name: string;
  readonly reason: StageFailureReason;
  readonly permanent: boolean;
  readonly retryAfterSeconds: number | undefined;
  readonly aborted: boolean;
  readonly code: UnableCode | undefined;

  constructor(facts: StageFailureFacts) {
    super(facts.message);
    this.name = facts.name;
    this.stack = facts.stack ?? `${facts.name}: ${facts.message}`;
    this.reason = facts.reason;
    this.permanent = facts.permanent ?? false;
    this.retryAfterSeconds = facts.retryAfterSeconds;
    this.aborted = facts.aborted ?? false;
    this.code = facts.code;
  }
}

export function failureOfThrown(thrown: Thrown, noSpace = false): StageFailure {
  return new StageFailure({ ...thrown, reason: 'error', code: noSpace ? 'no_space' : undefined });
}

export function failureOfTimeout(stage: string, timeoutMs: number): StageFailure {
  const message = `stage "${stage}" took longer than ${String(Math.max(timeoutMs, 0) / 1000)} s`;
  return new StageFailure({ name: 'TimeoutError', message, reason: 'timeout' });
}

export function failureOfAbort(stage: string): StageFailure {
  return new StageFailure({
    name: 'AbortError',
    message: `stage "${stage}" was ended`,
    reason: 'error',
    aborted: true,
  });
}
