// The cause in a sentence: for a job that waits, the first that holds of paused, a store away, no worker alive, all busy;
// for one that is settled, how. Pure.
import { JOBS_AHEAD_MAX, type JobRecord, type TimelineEntry } from '@jobhive/db';
import { duration, moment } from '../print/duration.ts';
import type { LiveFacts } from './facts.ts';
import { standstill } from './standstill.ts';

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

function aheadOf({ facts: { jobsAhead } }: Told): string {
  if (jobsAhead === 0) return 'it is the next one';
  if (jobsAhead >= JOBS_AHEAD_MAX) return `more than ${String(JOBS_AHEAD_MAX)} jobs stand before it`;
  return `${counted(jobsAhead, 'job')} ${jobsAhead === 1 ? 'stands' : 'stand'} before it`;
}

/** How it came back into the line, where that was no error of its own. */
function cameBack({ timeline }: Told): string {
  const last = timeline.at(-1);
  const worker = last?.worker_name ?? 'a worker';
  if (last?.event === 'worker_lost') return `Worker ${worker}, which had it, was lost. `;
  if (last?.event === 'given_back' && last.detail['reason'] === 'shutdown')
    return `Given back by ${worker}, which ended. `;
  return '';
}

function readyCause(told: Told): string {
  const stopped = standstill(told.facts);
  if (stopped !== undefined) return `${cameBack(told)}${stopped.cause}.`;
  const { alive, slots, slotsFree } = told.facts.workers ?? { alive: 0, slots: 0, slotsFree: 0 };
  if (slotsFree > 0) {
    const free = `${String(slotsFree)} of ${counted(slots, 'slot')} ${slotsFree === 1 ? 'is' : 'are'} free`;
    return `${cameBack(told)}It waits for its turn; ${aheadOf(told)}, and ${free}.`;
  }
  return `${cameBack(told)}${alive === 1 ? 'The one living worker is busy' : `All ${String(alive)} workers are busy`}; ${aheadOf(told)}.`;
}

function delayedCause(told: Told, dueMs: number): string {
  const { timeline, nowMs } = told;
  const last = lastOf(timeline, 'retry_scheduled');
  const why =
    last?.detail['reason'] === 'retry_after'
      ? 'A stage asked to be called again later'
      : `Attempt ${String(last?.attempt ?? told.job.row.attempt)} failed${typeof last?.detail['name'] === 'string' ? ` with ${last.detail['name']}` : ''}`;
  const due = `${why}; it is due again in ${duration(dueMs - nowMs)}.`;
  const stopped = standstill(told.facts);
  return stopped === undefined ? due : `${stopped.cause}. ${due}`;
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
