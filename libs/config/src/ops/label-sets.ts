/**
 * The closed sets of label values: every series of these exists with 0 from the start, so that a rate over it is right
 * from the first event on. What is not listed here (stages, sources) appears with its first event.
 */
export const JOB_STATUSES = ['discovered', 'queued', 'processing', 'processed', 'failed', 'cancelled'] as const;

export const ATTEMPT_OUTCOMES = ['processed', 'retried', 'failed', 'given_back', 'cancelled', 'stale'] as const;

/** Why the reconciler repaired something. */
export const RECONCILE_REASONS = [
  'marker_missing',
  'redis_restarted',
  'count_mismatch',
  'not_in_redis',
  'active_unclaimed',
  'settled_in_redis',
  'dead_letter_missing',
  'dead_letter_ghost',
  'redis_behind',
  'wrong_place',
] as const;

export type ReconcileReason = (typeof RECONCILE_REASONS)[number];
