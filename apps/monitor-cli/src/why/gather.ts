// Brings together what explain() judges: the job's record and timeline, the queue's history, and what is seen live. Reads
// only. That Redis does not answer is a fact like any other.
import { JobNotFoundError, type TimelineEntry } from '@jobhive/db';
import { listWorkers, type OpenQueue, type RegisteredWorker } from '@jobhive/queue';
import type { History } from './explain.ts';
import type { LiveFacts } from './facts.ts';
import { workersSeen } from './workers-seen.ts';

export interface Gathered {
  readonly history: History;
  readonly facts: LiveFacts;
  /** By the database's clock. */
  readonly now: Date;
}

async function workersOnRecord({ redis, keys }: OpenQueue): Promise<readonly RegisteredWorker[] | null> {
  if (!redis.isReady) return null;
  return listWorkers(redis, keys).catch(() => null); // told as redisOk: false
}

function firstQueued(timeline: readonly TimelineEntry[]): Date | undefined {
  const first = timeline.find(({ event }) => event === 'queued' || event === 'retried');
  return first === undefined ? undefined : new Date(first.at);
}

/** @throws JobNotFoundError */
export async function gather(open: OpenQueue, jobId: string): Promise<Gathered> {
  const { repository } = open;
  const [job, timeline, state, workers] = await Promise.all([
    repository.findJob(jobId),
    repository.timeline(jobId),
    repository.queueStateFacts(),
    workersOnRecord(open),
  ]);
  if (job === undefined) throw new JobNotFoundError([jobId]);
  const from = firstQueued(timeline);
  const waiting = job.row.status === 'queued' && job.queueSeq !== null;
  const [system, ahead] = await Promise.all([
    from === undefined ? [] : repository.systemEventsSince(from),
    waiting && job.queueSeq !== null ? repository.jobsAhead(job.queueSeq) : 0,
  ]);
  const facts: LiveFacts = {
    paused: state.paused,
    redisOk: workers !== null,
    workers: workers === null ? null : workersSeen(workers),
    lastTickMs: state.now.getTime() - state.lastTick.getTime(),
    jobsAhead: ahead,
    redisBehind: state.redisBehind,
  };
  return { history: { job, timeline, system }, facts, now: state.now };
}
