// The six statuses, the moves between them, and the names of what is on record: closed lists. The CHECK of the table,
// the model and the documents come from here; no other move exists.

/** Where a job stands. */
export const STATUSES = ['discovered', 'queued', 'processing', 'processed', 'failed', 'cancelled'] as const;
export type Status = (typeof STATUSES)[number];

/** Which transition may lead from where to where. */
export const MOVES = {
  enqueue: { from: ['discovered', 'cancelled'], to: ['queued'] },
  claim: { from: ['queued'], to: ['processing'] },
  renew: { from: ['processing'], to: ['processing'] },
  checkpoint: { from: ['processing'], to: ['processing'] },
  settle: { from: ['processing'], to: ['processed', 'queued', 'failed', 'cancelled'] },
  giveBack: { from: ['processing'], to: ['queued', 'cancelled'] },
  expire: { from: ['processing'], to: ['queued', 'failed', 'cancelled'] },
  cancel: { from: ['queued'], to: ['cancelled'] },
  retry: { from: ['failed'], to: ['queued'] },
  discard: { from: ['failed'], to: ['cancelled'] },
  clear: { from: ['queued'], to: ['discovered'] },
} as const satisfies Record<string, { from: readonly Status[]; to: readonly Status[] }>;

/** What `job_events.event` may be. */
export const JOB_EVENTS = [
  'discovered',
  'updated',
  'queued',
  'dispatched',
  'claimed',
  'stage_finished',
  'processed',
  'retry_scheduled',
  'failed',
  'given_back',
  'worker_lost',
  'cancelled',
  'retried',
  'discarded',
  'cleared',
  'closed',
  'stale_write_refused',
] as const;
export type JobEvent = (typeof JOB_EVENTS)[number];

/** What `system_events.event` may be. */
export const SYSTEM_EVENTS = [
  'paused',
  'resumed',
  'redis_away',
  'redis_back',
  'postgres_back',
  'worker_started',
  'worker_stopped',
  'worker_lost',
  'rebuilt',
] as const;
export type SystemEvent = (typeof SYSTEM_EVENTS)[number];

/** Of these, what begins or ends a wait of all jobs. */
export const WAIT_EVENTS = [
  'paused',
  'resumed',
  'redis_away',
  'redis_back',
  'postgres_back',
] as const satisfies readonly SystemEvent[];

export function isStatus(value: string): value is Status {
  return (STATUSES as readonly string[]).includes(value);
}
