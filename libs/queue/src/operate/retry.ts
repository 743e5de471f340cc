// retry: dead letters back to the queue, oldest failure first, a page or, at a rate, one at a time. The record first, then
// the line in Redis, then out of the dead-letter set. Interrupted it has retried what it told, and asked again it goes on
// with the rest, which is still failed.
import { sleep, type Metrics } from '@jobhive/config';
import { JobNotFoundError, WrongStatusError, type RetryAnswer, type TrackingRepository } from '@jobhive/db';
import type { DeadLetterSet } from '../dead-letters/dead-letter-set.ts';
import type { Pusher } from '../dispatch/push.ts';
import type { DeadLetterSelection, RetryOptions, RetryResult } from '../job-queue.ts';

const PAGE = 1000;

export interface RetryParts {
  readonly repository: TrackingRepository;
  readonly pusher: Pusher;
  readonly deadLetters: DeadLetterSet;
  readonly metrics: Pick<Metrics, 'jobsTotal'>;
}

/** The ids that are meant, oldest failure first. @throws JobNotFoundError, WrongStatusError */
export async function selectDeadLetters(
  repository: TrackingRepository,
  selection: DeadLetterSelection,
): Promise<string[]> {
  if ('all' in selection) return repository.deadLetterIds();
  if ('jobId' in selection) return allFailed(repository, [selection.jobId]);
  if ('jobIds' in selection) return allFailed(repository, [...new Set(selection.jobIds)]);
  const ids = await repository.deadLetterIds(selection.fingerprint);
  if (ids.length === 0) {
    throw new WrongStatusError(`no failed job has the fingerprint ${selection.fingerprint}; see \`failed groups\``);
  }
  return ids;
}

/** The ids themselves, where each of them is of a failed job. */
async function allFailed(repository: TrackingRepository, jobIds: readonly string[]): Promise<string[]> {
  const standings = await repository.standings(jobIds);
  const unknown = jobIds.filter((jobId) => !standings.has(jobId));
  if (unknown.length > 0) throw new JobNotFoundError(unknown);
  for (const jobId of jobIds) {
    const status = standings.get(jobId)?.status;
    if (status === 'failed') continue;
    throw new WrongStatusError(`job ${jobId} is ${String(status)}, not failed; there is nothing to retry`);
  }
  return [...jobIds];
}

export async function retryDeadLetters(
  parts: RetryParts,
  selection: DeadLetterSelection,
  options: RetryOptions,
): Promise<RetryResult> {
  const { repository } = parts;
  const ids = await selectDeadLetters(repository, selection);
  if (options.dryRun === true) return { retried: ids.length, job_ids: ids, dispatched: false };
  const gapMs = options.ratePerMinute === undefined ? 0 : 60_000 / options.ratePerMinute;
  const step = gapMs > 0 ? 1 : PAGE;
  const retried: string[] = [];
  let dispatched = true;
  for (let at = 0; at < ids.length && options.signal?.aborted !== true; at += step) {
    if (at > 0 && gapMs > 0) {
      const slept = await sleep(gapMs, options.signal).then(
        () => true,
        () => false,
      );
      if (!slept) break;
    }
    const page = ids.slice(at, at + step);
    const answers = await repository.retry(page, options.from ?? { kind: 'last_good' }, options.by);
    const moved = await deliverRetried(parts, answers);
    retried.push(...moved.jobIds);
    dispatched &&= moved.dispatched;
    options.onProgress?.({ done: retried.length, total: ids.length });
  }
  if ('jobId' in selection && retried.length === 0 && options.signal?.aborted !== true)
    throw new WrongStatusError(`job ${selection.jobId} has just left the dead letters; nothing was retried`);
  return { retried: retried.length, job_ids: retried, dispatched };
}

async function deliverRetried(
  { pusher, deadLetters, metrics }: RetryParts,
  answers: readonly RetryAnswer[],
): Promise<{ jobIds: string[]; dispatched: boolean }> {
  const moved = answers.flatMap(({ jobId, queueSeq }) => (queueSeq === null ? [] : [{ jobId, queueSeq }]));
  if (moved.length === 0) return { jobIds: [], dispatched: true };
  metrics.jobsTotal.inc({ status: 'queued' }, moved.length);
  const jobIds = moved.map((job) => job.jobId);
  const pushed = await pusher.push(moved);
  const dispatched = pushed.every((one) => one.dispatched);
  if (dispatched) await deadLetters.remove(jobIds).catch(() => 0); // else the reconciler finds the ghosts
  return { jobIds, dispatched };
}
