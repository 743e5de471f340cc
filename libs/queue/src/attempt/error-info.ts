// Any failure of an attempt → what is on record of it, and its fingerprint: the same for the same error of different
// jobs, so that they make one group. Pure.
import { createHash } from 'node:crypto';
import type { ErrorEntry, ErrorInfo, ErrorReason } from '@jobhive/db';

/** A failure as the pipeline's runner tells it; whatever was thrown has been normalised before. */
export interface AttemptFailure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  readonly stage: string | null;
  readonly reason: ErrorReason;
}

const PREVIOUS_MAX = 20;

/** What differs from job to job in a message: ids, numbers, quoted words, addresses, paths. */
function withoutParticulars(message: string): string {
  return message
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '#')
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '#')
    .replaceAll(/(["'`])(?:(?!\1).){1,200}\1/g, '#')
    .replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{6,}\b/gi, '#')
    .replaceAll(/\d+(\.\d+)?/g, '#')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 200);
}

/** 12 hex digits: name, stage, reason, and the message without its particulars. */
export function fingerprintOf(failure: AttemptFailure): string {
  const parts = [failure.reason, failure.name, failure.stage ?? '', withoutParticulars(failure.message)];
  return createHash('sha256').update(parts.join('|')).digest('hex').slice(0, 12);
}

/** What was on record before, as entries, oldest first. */
function earlier(before: unknown): ErrorEntry[] {
  if (typeof before !== 'object' || before === null) return [];
  const { previous = [], ...last } = before as ErrorInfo; // as this file wrote it
  return [...previous, last].slice(-PREVIOUS_MAX);
}

/**
 * @param before `error_info` as it stands on the row, or null
 * @param at ISO 8601
 */
export function errorInfo(
  failure: AttemptFailure,
  attempt: { attempt: number; workerName: string; at: string; before: unknown },
): ErrorInfo {
  return {
    name: failure.name,
    message: failure.message,
    stack: failure.stack,
    stage: failure.stage,
    attempt: attempt.attempt,
    worker_name: attempt.workerName,
    at: attempt.at,
    fingerprint: fingerprintOf(failure),
    reason: failure.reason,
    previous: earlier(attempt.before),
  };
}
