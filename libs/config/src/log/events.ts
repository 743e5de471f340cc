/**
 * What can happen, in one list: each event with its level and its words. Code says what happened
 * (`log.event('job.claimed', …)`); nothing else decides how loud it is. Sorted by whom it concerns. Ids and figures go
 * with an event, never a posting or a secret.
 */
type Level = 'error' | 'warn' | 'info' | 'debug';

export const events = {
  'job.discovered': { level: 'debug', message: 'discovered' },
  'job.queued': { level: 'info', message: 'queued' },
  'job.dispatched': { level: 'debug', message: 'dispatched' },
  'job.claimed': { level: 'info', message: 'claimed' },
  'job.not_claimed': { level: 'debug', message: 'not claimed: it belongs to another or is settled' },
  'job.awaits_alone': { level: 'info', message: 'may have ended its worker: waits until nothing runs beside it' },
  'job.stage_started': { level: 'debug', message: 'stage started' },
  'job.stage_finished': { level: 'info', message: 'stage finished' },
  'job.progress': { level: 'debug', message: 'progress' },
  'job.processed': { level: 'info', message: 'processed' },
  'job.retry_scheduled': { level: 'warn', message: 'attempt failed, retry scheduled' },
  'job.failed': { level: 'error', message: 'failed for good, now in the dead-letter queue' },
  'job.given_back': { level: 'info', message: 'given back, attempt not spent' },
  'job.cancelled': { level: 'info', message: 'cancelled' },
  'job.worker_lost': { level: 'warn', message: 'its worker was lost' },
  'job.stale': { level: 'warn', message: 'claim lost to another, nothing was written' },
  'job.retried': { level: 'info', message: 'retried by an operator' },
  'job.discarded': { level: 'info', message: 'discarded by an operator' },
  'job.write_repeated': { level: 'warn', message: 'a write got no answer, asked again' },
  'job.acknowledge_failed': { level: 'warn', message: 'settled, but Redis did not take the acknowledgement' },

  'queue.enqueued': { level: 'info', message: 'enqueued' },
  'queue.delivered': { level: 'debug', message: 'delivered' },
  'queue.delivery_failed': {
    level: 'warn',
    message: 'on record, but Redis did not take it; it is delivered when Redis is back',
  },
  'queue.paused': { level: 'info', message: 'queue paused' },
  'queue.resumed': { level: 'info', message: 'queue resumed' },
  'queue.cleared': { level: 'warn', message: 'queue cleared by an operator' },
  'queue.rebuilt': { level: 'info', message: 'queue rebuilt from Postgres' },
  'queue.error': { level: 'warn', message: 'error of the queue client' },

  'reconciler.leading': { level: 'debug', message: 'compares the stores from now on' },
  'reconciler.resigned': { level: 'debug', message: 'no longer compares the stores' },
  'reconciler.repaired': { level: 'warn', message: 'difference between the stores repaired' },
  'reconciler.failed': { level: 'warn', message: 'the stores could not be compared, tried again' },

  'notice.stuck': { level: 'error', message: 'the queue is stuck: jobs wait, and nothing is taken' },
  'notice.burst': { level: 'error', message: 'many jobs fail with one fingerprint' },
  'notice.not_delivered': { level: 'warn', message: 'the webhook did not take notices, tried again' },
  'notice.given_up': { level: 'error', message: 'notices could not be delivered for a week, and are given up' },
  'notice.outbox_failed': { level: 'warn', message: 'notices could not be looked after, tried again' },

  'worker.started': { level: 'info', message: 'worker started' },
  'worker.stopping': { level: 'info', message: 'worker stopping: finishes what it holds, takes nothing new' },
  'worker.stopped': { level: 'info', message: 'worker stopped' },
  'worker.rate': { level: 'info', message: 'rate' },
  'worker.name_lost': { level: 'error', message: 'another process beats under the name of this worker' },
  'worker.claims_lost': {
    level: 'error',
    message: 'neither store could be told what was in hand; its attempts are spent when the leases end',
  },
  'worker.postgres_step_failed': {
    level: 'debug',
    message: 'Postgres did not take the session lock or the word of a start; a death would be told by the lease alone',
  },
  'worker.idle': { level: 'debug', message: 'nothing to do' },
  'worker.tick_failed': { level: 'warn', message: 'leases could not be renewed, tried again' },
  'worker.heartbeat_failed': { level: 'warn', message: 'heartbeat failed, tried again' },
  'worker.leases_moved_on': {
    level: 'warn',
    message: 'no worker had reached Postgres for a while, all leases were moved on',
  },
  'worker.output_full': {
    level: 'error',
    message: 'OUTPUT_DIR takes no more files: make room there; jobs are given back',
  },
  'worker.leftover_removed': { level: 'debug', message: 'leftover of an unfinished attempt removed' },
  'worker.thread_failed': { level: 'warn', message: 'a thread for stages could not be started' },
  'worker.stage_left_error': { level: 'warn', message: 'error in what a stage left running after it had returned' },

  'redis.connected': { level: 'debug', message: 'connected to Redis' },
  'redis.may_evict': { level: 'warn', message: 'Redis may drop what it holds: set maxmemory-policy to noeviction' },
  'redis.away': { level: 'warn', message: 'Redis is away, tried again until it is back' },
  'redis.back': { level: 'info', message: 'Redis is back' },
  'postgres.connected': { level: 'debug', message: 'connected to Postgres' },
  'postgres.away': { level: 'warn', message: 'Postgres is away, tried again until it is back' },
  'postgres.back': { level: 'info', message: 'Postgres is back' },
  'postgres.migrated': { level: 'info', message: 'migration applied' },
  'postgres.retried': { level: 'debug', message: 'transaction retried' },

  'poller.started': { level: 'info', message: 'poller started' },
  'poller.stopped': { level: 'info', message: 'poller stopped' },
  'poll.started': { level: 'debug', message: 'poll started' },
  'poll.finished': { level: 'info', message: 'poll finished' },
  'poll.failed': { level: 'error', message: 'poll failed' },
  'poll.rejected': { level: 'warn', message: 'posting set aside' },
  'poll.enqueue_failed': { level: 'warn', message: 'not enqueued yet, tried again at the next poll' },

  'dashboard.listening': { level: 'info', message: 'dashboard listens' },
  'dashboard.request_failed': { level: 'error', message: 'a request to the dashboard failed' },
  'history.sample_failed': { level: 'warn', message: 'the minute was not sampled for the charts, tried again' },

  'service.awaited': { level: 'warn', message: 'a service is away, waiting for it' },
  'service.started': { level: 'debug', message: 'part started' },
  'service.start_failed': { level: 'debug', message: 'part could not start' },
  'service.stopped': { level: 'debug', message: 'part stopped' },
  'service.stop_failed': { level: 'warn', message: 'part did not stop in order' },
  'ops.listening': { level: 'info', message: 'health and metrics are served' },
  'ops.request_failed': { level: 'warn', message: 'a health or metrics request failed' },
  'metrics.refresh_failed': { level: 'warn', message: 'gauges could not be refreshed, the last values stay' },
} as const satisfies Record<string, { readonly level: Level; readonly message: string }>;

export type EventName = keyof typeof events;
