// The words for statuses, events and waits, as a person would say them. Each table is whole: a name that is added to the contract
// is missed here by the compiler. Pure.
import type { Status, TimelineEntry, Wait } from '../api/documents.ts';

export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  discovered: 'Discovered',
  queued: 'Queued',
  processing: 'Processing',
  processed: 'Processed',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

export const EVENT_WORDS: Readonly<Record<TimelineEntry['event'], string>> = {
  discovered: 'Discovered',
  updated: 'Posting updated',
  queued: 'Queued',
  dispatched: 'Handed to Redis',
  claimed: 'Taken by a worker',
  stage_finished: 'Stage finished',
  processed: 'Processed',
  retry_scheduled: 'Attempt failed, retry scheduled',
  failed: 'Failed for good',
  given_back: 'Given back',
  worker_lost: 'Worker lost',
  cancelled: 'Cancelled',
  retried: 'Retried by an operator',
  discarded: 'Discarded',
  cleared: 'Cleared from the queue',
  closed: 'Posting closed',
  stale_write_refused: 'Stale write refused',
};

export const WAIT_WORDS: Readonly<Record<Wait['for'], string>> = {
  worker: 'Waited for a worker',
  retry: 'Waited for a retry',
  redis: 'Redis was away',
  postgres: 'Postgres was away',
  paused: 'Queue was paused',
  rate_limit: 'Asked to come back later',
  deploy: 'Given back by a deploy',
  lost_worker: 'Worker was lost',
  stage: 'At work',
};

export function counted(count: number, noun: string): string {
  return `${wholeNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** With a separator at the thousands. */
export function wholeNumber(value: number): string {
  return whole.format(value);
}

const shortened = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** For places that are narrow: 12,345 in full, a million as 1M. */
export function shortNumber(value: number): string {
  return Math.abs(value) < 100_000 ? whole.format(value) : shortened.format(value);
}

/** A detail or an output, in one line. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
