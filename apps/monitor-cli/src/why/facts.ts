// What holds now, beside what is on record: what `why` needs to name the wait that goes on, and when it will end.

/** Of the workers that were heard of in the last few seconds; a worker beats once a second. */
export interface WorkersSeen {
  readonly alive: number;
  /** Jobs that they may have in hand at once, all together. */
  readonly slots: number;
  /** Of those, how many are free. A worker of several slots with one job in hand is not busy. */
  readonly slotsFree: number;
  /** Time of a job in its slot; null where no worker has finished one yet. */
  readonly meanMs: number | null;
  /** Since the last beat of any worker, living or not; null where none ever beat. */
  readonly lastBeatMs: number | null;
}

export interface LiveFacts {
  readonly paused: boolean;
  readonly redisOk: boolean;
  /** Null where it cannot be known: Redis is away. */
  readonly workers: WorkersSeen | null;
  /** Since any worker last reached Postgres. */
  readonly lastTickMs: number;
  /** Ready jobs that stand before this one, counted up to `JOBS_AHEAD_MAX`. */
  readonly jobsAhead: number;
  /** Smallest place in line that Redis may lack since a push failed; null when none. */
  readonly redisBehind: number | null;
}

/** Longer than a beat that is late: who is silent for so long is not counted on. */
export const SILENT_MS = 5000;
