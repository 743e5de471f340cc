// How an attempt ends: why it was stopped, what it threw, which attempt it was, and the policy → an outcome. Pure. The
// cause that came first is the one that counts; only the work's own failures spend an attempt.
import type { Claim, Outcome, StageRecord } from '@jobhive/db';
import { errorInfo, type AttemptFailure } from './error-info.ts';
import { retryDelaySeconds, type RetryPolicy } from './retry-schedule.ts';

/** Why an attempt's signal was aborted. */
export type StopCause = 'cancel' | 'stale' | 'shutdown';

/** What a run of the pipeline came to. */
export type RunEnd =
  | { readonly kind: 'done'; readonly last: StageRecord | undefined }
  | { readonly kind: 'stale' }
  /** This worker cannot run anything now: its folder is full, or it gets no thread. */
  | { readonly kind: 'no_space' | 'no_thread' }
  | {
      readonly kind: 'failed';
      readonly failure: AttemptFailure;
      readonly permanent: boolean;
      /** Of a RetryAfterError: seconds, valid and capped. */
      readonly retryAfterSeconds: number | undefined;
    };

/** RetryAfterErrors of one job that spend nothing; the next one counts as an error. */
const RETRY_AFTER_MAX = 20;

export interface Judged {
  readonly claim: Claim;
  readonly cause: StopCause | undefined;
  readonly end: RunEnd;
  readonly policy: RetryPolicy;
  readonly workerName: string;
  /** ISO 8601 */
  readonly at: string;
}

export function judgeOutcome({ claim, cause, end, policy, workerName, at }: Judged): Outcome {
  if (end.kind === 'stale') return { kind: 'stale' };
  if (end.kind === 'done') return { kind: 'processed', last: end.last };
  if (cause === 'stale') return { kind: 'stale' };
  if (cause === 'cancel') return { kind: 'cancelled' };
  if (cause === 'shutdown') return { kind: 'given_back', reason: 'shutdown' };
  if (end.kind !== 'failed') return { kind: 'given_back', reason: end.kind };
  const error = errorInfo(end.failure, { attempt: claim.attempt, workerName, at, before: claim.errorInfo });
  if (end.permanent) return { kind: 'failed', error };
  if (end.retryAfterSeconds !== undefined && claim.retryAfterCount < RETRY_AFTER_MAX) {
    return { kind: 'retry', delaySeconds: end.retryAfterSeconds, spendsAttempt: false, error };
  }
  const delaySeconds = retryDelaySeconds(claim.attempt, policy);
  return delaySeconds === undefined
    ? { kind: 'failed', error }
    : { kind: 'retry', delaySeconds, spendsAttempt: true, error };
}
