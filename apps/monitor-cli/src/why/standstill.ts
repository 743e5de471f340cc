// Why nobody takes a job whose time has come, in the order of the contract: paused, Redis away, Postgres away (for the
// workers: who asks has reached it), no worker alive. Pure. Undefined where somebody could take it.
import { duration } from '../print/duration.ts';
import { SILENT_MS, type LiveFacts } from './facts.ts';

export interface Standstill {
  readonly cause: string;
  /** What has to come first, for the expected start. */
  readonly until: string;
}

export function standstill({ paused, redisOk, workers, lastTickMs }: LiveFacts): Standstill | undefined {
  if (paused) {
    return {
      cause: 'The queue is paused; `monitor-cli resume` lets the workers go on',
      until: 'the queue is resumed',
    };
  }
  if (!redisOk || workers === null) {
    return { cause: 'Redis is away; the job is on record and is delivered when Redis is back', until: 'Redis is back' };
  }
  if (workers.alive === 0) {
    const last = workers.lastBeatMs === null ? '' : ` (the last was heard of ${duration(workers.lastBeatMs)} ago)`;
    return { cause: `No worker is alive${last}; start one with \`worker\``, until: 'a worker is started' };
  }
  if (lastTickMs > SILENT_MS) {
    return {
      cause: `Postgres is away for the workers: none of the ${String(workers.alive)} alive has reached it for ${duration(lastTickMs)}`,
      until: 'the workers reach Postgres again',
    };
  }
  return undefined;
}
