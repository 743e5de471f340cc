// Every key of the system, once. Bee-Queue's own stand below `bq:NAME:`, exactly as the stock library names them; ours
// below `jobhive:`. None grows without a bound: `finished` is cut to its newest, `workers` to a day, the rest are single.

export interface Keys {
  /** Ids in line, a list: taken from its right end. */
  readonly waiting: string;
  /** Ids that were taken and not acknowledged yet. */
  readonly active: string;
  /** Hash of id → its place in line (`queue_seq`), a JSON number where the stock library writes an object. */
  readonly jobs: string;
  /** Set once Redis holds all that Postgres says is waiting; without it nothing is pushed. */
  readonly whole: string;
  /** Rebuilds under way: one that is no longer in it was emptied together with what it had pushed. */
  readonly rebuilding: string;
  /** Ids that ended lately, by time in ms. */
  readonly finished: string;
  /** Hash of worker name → holder, time of the last beat, figures. */
  readonly workers: string;
  /** `SLOTS MEAN_MS` of the workers, for estimates; expires. */
  readonly pace: string;
  /** Tokens of claims that a worker could not give back because Postgres was away; expires. */
  readonly left: string;
  /** Before an id: a worker has it in `active` and waits to run it alone; expires. */
  readonly awaited: string;
  /** Channel: look now. */
  readonly signals: string;
  /** The dead-letter queue: ids by time of failure in ms. */
  readonly failed: string;
}

export function keysOf(names: { queueName: string; failedQueueName: string }): Keys {
  const bee = (part: string): string => `bq:${names.queueName}:${part}`;
  return {
    waiting: bee('waiting'),
    active: bee('active'),
    jobs: bee('jobs'),
    whole: 'jobhive:whole',
    rebuilding: 'jobhive:rebuilding',
    finished: 'jobhive:finished',
    workers: 'jobhive:workers',
    pace: 'jobhive:pace',
    left: 'jobhive:left',
    awaited: 'jobhive:awaited',
    signals: 'jobhive:signals',
    failed: names.failedQueueName,
  };
}
