// enqueue: record first, deliver second, and say which of both held. Callers at the same time share one statement and one
// push. An id that is malformed, unknown or refused stops its whole call before anything is changed.
import type { Logger, Metrics } from '@jobhive/config';
import {
  groupCommit,
  JobNotFoundError,
  RateLimitedError,
  WrongStatusError,
  type EnqueueAnswer,
  type EnqueueAsk,
  type TrackingRepository,
} from '@jobhive/db';
import type { Delivery } from '../delivery/deliver.ts';
import type { EnqueueResult } from '../job-queue.ts';
import { estimateWaitSeconds, type Pace } from './position.ts';
import type { Pushed, Pusher } from './push.ts';

const STATEMENT_MAX = 64;
const PUSH_MAX = 1000;
const PACE_AGE_MAX_MS = 2000;

export interface Enqueuer {
  /** All of them or none. */
  enqueueAll(jobIds: readonly string[]): Promise<EnqueueResult[]>;
  enqueueOne(jobId: string): Promise<EnqueueResult>;
  /** Each by itself, in order, as far as the budget reaches; what it does not reach is answered `limited`. */
  enqueueEach(
    jobIds: readonly string[],
  ): Promise<{ results: EnqueueResult[]; limited: string[]; retryAfterSeconds: number }>;
}

export interface EnqueuerParts {
  readonly repository: TrackingRepository;
  readonly pusher: Pusher;
  readonly limitPerMinute: number;
  readonly log: Logger;
  readonly metrics?: Metrics | undefined;
}

/** Throws what a refused call is refused for: unknown ids first, then wrong states, then the budget. */
function refuse(answers: readonly EnqueueAnswer[], limitPerMinute: number): void {
  const unknown = answers.filter((answer) => answer.verdict === 'unknown');
  if (unknown.length > 0) throw new JobNotFoundError(unknown.map((answer) => answer.jobId));
  const processed = answers.find((answer) => answer.verdict === 'processed');
  if (processed !== undefined)
    throw new WrongStatusError(`job ${processed.jobId} is processed already; nothing was enqueued`);
  const failed = answers.find((answer) => answer.verdict === 'failed');
  if (failed !== undefined) {
    throw new WrongStatusError(
      `job ${failed.jobId} has failed; bring it back with \`retry --job-id ${failed.jobId}\`; nothing was enqueued`,
    );
  }
  const limited = answers.find((answer) => answer.verdict === 'limited');
  if (limited !== undefined) throw new RateLimitedError(limitPerMinute, limited.retryAfterSeconds ?? 60);
}

export function createEnqueuer(parts: EnqueuerParts): Enqueuer {
  const { repository, pusher, limitPerMinute, log, metrics } = parts;
  let call = 0;
  let paceAt = -Infinity;
  let pace: Pace | null = null;

  const record = groupCommit<EnqueueAsk, EnqueueAnswer>(
    (asks) => repository.enqueue(asks, limitPerMinute),
    STATEMENT_MAX,
  );
  const push = groupCommit<Delivery, Pushed>((jobs) => pusher.push(jobs), PUSH_MAX);
  const nextCall = (): number => (call = (call + 1) % 2_000_000_000);
  const freshPace = async (): Promise<Pace | null> => {
    if (performance.now() - paceAt > PACE_AGE_MAX_MS) {
      paceAt = performance.now();
      pace = await pusher.pace();
    }
    return pace;
  };
  const result = (answer: EnqueueAnswer, pushed: Pushed | undefined): EnqueueResult => {
    const position = pushed?.position ?? null;
    return {
      job_id: answer.jobId,
      queue_position: position,
      estimated_wait_time: estimateWaitSeconds(position, pace),
      dispatched: pushed?.dispatched ?? false,
      already_queued: answer.verdict === 'already_queued',
    };
  };
  /** Pushes what was queued now; an entry that was queued before is on its way, or the reconciler's. */
  const dispatch = async (answers: readonly EnqueueAnswer[]): Promise<EnqueueResult[]> => {
    const queued = answers.flatMap(({ jobId, queueSeq }) => (queueSeq === null ? [] : [{ jobId, queueSeq }]));
    const pushed = new Map<string, Pushed>();
    const [told] = await Promise.all([queued.length > 0 ? pusher.push(queued) : [], freshPace()]);
    queued.forEach(({ jobId }, i) => {
      const one = told[i];
      if (one !== undefined) pushed.set(jobId, one);
    });
    for (const { jobId, queueSeq } of queued) log.event('job.queued', { job_id: jobId, queue_seq: queueSeq });
    metrics?.jobsTotal.inc({ status: 'queued' }, queued.length);
    return answers.map((answer) =>
      result(answer, pushed.get(answer.jobId) ?? { dispatched: answer.verdict === 'already_queued', position: null }),
    );
  };
  const timed = async <T>(work: () => Promise<T>): Promise<T> => {
    const end = metrics?.enqueueDurationSeconds.startTimer();
    const answer = await work();
    end?.();
    return answer;
  };

  return {
    enqueueOne: (jobId) =>
      timed(async () => {
        const answer = await record({ jobId, call: nextCall() });
        refuse([answer], limitPerMinute);
        if (answer.queueSeq === null) return result(answer, { dispatched: true, position: null });
        const [pushed] = await Promise.all([push({ jobId, queueSeq: answer.queueSeq }), freshPace()]);
        log.event('job.queued', { job_id: jobId, queue_seq: answer.queueSeq });
        metrics?.jobsTotal.inc({ status: 'queued' });
        return result(answer, pushed);
      }),
    enqueueAll: (jobIds) =>
      timed(async () => {
        const once = [...new Set(jobIds)];
        const one = nextCall();
        const answers = await repository.enqueue(
          once.map((jobId) => ({ jobId, call: one })),
          limitPerMinute,
        );
        refuse(answers, limitPerMinute);
        return dispatch(answers);
      }),
    enqueueEach: async (jobIds) => {
      const answers = await repository.enqueue(
        jobIds.map((jobId) => ({ jobId, call: nextCall() })),
        limitPerMinute,
      );
      const limited = answers.filter((answer) => answer.verdict === 'limited');
      const moved = answers.filter((answer) => answer.verdict === 'queued' || answer.verdict === 'already_queued');
      return {
        results: await dispatch(moved),
        limited: limited.map((answer) => answer.jobId),
        retryAfterSeconds: Math.max(0, ...limited.map((answer) => answer.retryAfterSeconds ?? 0)),
      };
    },
  };
}
