// The cause in a sentence: for a job that waits, the first that holds of paused, a store away, no worker alive, all busy;
// for one that is settled, how. Pure.
import type { JobRecord, TimelineEntry } from '@jobhive/db';
import { duration, moment } from '../print/duration.ts';
import type { LiveFacts } from './facts.ts';

export interface Told {
  readonly job: JobRecord;
  readonly timeline: readonly TimelineEntry[];
  readonly facts: LiveFacts;
  readonly nowMs: number;
}

const counted = (count: number, noun: string): string => `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
const since = (at: string | null, nowMs: number): string =>
  at === null ? '' : ` for ${duration(nowMs - Date.parse(at))}`;

function lastOf(
  timeline: readonly TimelineEntry[],
  ...events: readonly TimelineEntry['event'][]
): TimelineEntry | undefined {
  return timeline.findLast(({ event }) => events.includes(event));
}

/** Why nobody takes a job whose time has come. */
function standstill({ facts }: Told): string | undefined {
  if (facts.paused) return 'The queue is paused; `monitor-cli resume` lets the workers go on';
  if (!facts.redisOk) return 'Redis is away; the job is on record and is delivered when Redis is back';
  if (facts.workersActive === 0) return 'No worker is alive; start one with `worker`';
  return undefined;
}

function readyCause(told: Told): string {
  const { facts } = told;
  const stopped = standstill(told);
  if (stopped !== undefined) return `${stopped}.`;
  const ahead =
    facts.jobsAhead === 0
      ? 'it is the next one'
      : `${counted(facts.jobsAhead, 'job')} ${facts.jobsAhead === 1 ? 'stands' : 'stand'} before it`;
  if (facts.workersActive === null) return `It waits for a worker; ${ahead}.`;
  const idle = facts.workersIdle ?? 0;
  if (idle === 0) {
    const all =
      facts.workersActive === 1
        ? 'The one living worker is busy'
        : `All ${String(facts.workersActive)} workers are busy`;
    return `${all}; ${ahead}.`;
  }
  return `It waits for its turn; ${ahead}, and ${counted(idle, 'worker')} of ${String(facts.workersActive)} ${idle === 1 ? 'is' : 'are'} free.`;
}

function delayedCause(told: Told, dueMs: number): string {
  const { timeline, nowMs } = told;
  const last = lastOf(timeline, 'retry_scheduled');
  const why =
    last?.detail['reason'] === 'retry_after'
      ? 'A stage asked to be called again later'
      : `Attempt ${String(last?.attempt ?? told.job.row.attempt)} failed${typeof last?.detail['name'] === 'string' ? ` with ${last.detail['name']}` : ''}`;
  const due = `${why}; it is due again in ${duration(dueMs - nowMs)}.`;
  const stopped = standstill(told);
  return stopped === undefined ? due : `${stopped}. ${due}`;
}

function processingCause({ job, nowMs }: Told): string {
  const who = job.workerName ?? 'a worker';
  const what = job.currentStage === null ? '' : `, in stage ${job.currentStage}`;
  const wish = job.cancelRequestedAt === null ? '' : ' It is to be cancelled, and ends as soon as the worker sees it.';
  if (job.leaseUntil !== null && job.leaseUntil.getTime() < nowMs) {
    return `Worker ${who} has not been heard of${since(job.leaseUntil.toISOString(), nowMs)} beyond its lease; a living worker takes the job over.${wish}`;
  }
  return `Worker ${who} has worked on it${since(job.row.started_at, nowMs)}${what}.${wish}`;
}

function failedCause({ job }: Told): string {
  const error = job.errorInfo;
  const failedIn = error?.stage ?? null;
  const stage = failedIn === null ? '' : ` in stage ${failedIn}`;
  const attempts = counted(job.row.attempt, 'attempt');
  return `Failed after ${attempts} with ${error?.name ?? 'an error'}${stage}; see \`monitor-cli failed show ${job.row.job_id}\`, mend it, then \`monitor-cli retry --job-id ${job.row.job_id}\`.`;
}

function cancelledCause({ job, timeline }: Told): string {
  const last = lastOf(timeline, 'cancelled', 'discarded');
  const by = typeof last?.detail['by'] === 'string' ? ` by ${last.detail['by']}` : '';
  const how = last?.event === 'discarded' ? `Failed, then discarded${by}` : `Cancelled${by}`;
  return `${how}${job.row.finished_at === null ? '' : ` at ${moment(last?.at ?? job.row.finished_at)}`}; \`monitor-cli enqueue ${job.row.job_id}\` queues it again.`;
}

export function causeOf(told: Told): string {
  const { job, nowMs } = told;
  switch (job.row.status) {
    case 'discovered':
      return `Discovered, not enqueued yet: run \`monitor-cli enqueue ${job.row.job_id}\`.`;
    case 'queued': {
      const dueMs = job.nextAttemptAt?.getTime() ?? 0;
      return dueMs > nowMs ? delayedCause(told, dueMs) : readyCause(told);
    }
    case 'processing':
      return processingCause(told);
    case 'processed':
      return `Processed${job.row.finished_at === null ? '' : ` at ${moment(job.row.finished_at)}`}, by attempt ${String(job.row.attempt)}.`;
    case 'failed':
      return failedCause(told);
    case 'cancelled':
      return cancelledCause(told);
  }
}
