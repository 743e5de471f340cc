// What holds now, beside what is on record: what `why` needs to name the wait that goes on.

export interface LiveFacts {
  readonly paused: boolean;
  readonly redisOk: boolean;
  /** Workers whose heartbeat is young; null where it cannot be known. */
  readonly workersActive: number | null;
  /** Of those, workers with nothing in hand; null where it cannot be known. */
  readonly workersIdle: number | null;
  /** Ready jobs that stand before this one. */
  readonly jobsAhead: number;
  /** Smallest place in line that Redis may lack since a push failed; null when none. */
  readonly redisBehind: number | null;
}
