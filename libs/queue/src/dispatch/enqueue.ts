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
/** Numbers of calls tell them apart within one statement: they may come round again, and fit an integer of Postgres. */
const CALLS_MAX = 2_000_000_000;

export interface Enqueuer {
  /** All of them or none. @param by who asks, for the history */
  enqueueAll(jobIds: readonly string[], by?: string): Promise<EnqueueResult[]>;
  enqueueOne(jobId: string): Promise<EnqueueResult>;
  /**
   * Each by itself, in order, as far as the budget reaches; what it does not reach is answered `limited`.
   * @param by who asks, for the history
   */
  enqueueEach(
    jobIds: readonly string[],
    by?: string,
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

interface PaceKeeper {
  /** At most `PACE_AGE_MAX_MS` old; what is being asked for by another caller is not waited for. */
  fresh(): Promise<void>;
  readonly pace: Pace | null;
}

function keepPace(pusher: Pusher): PaceKeeper {
  let askedAtMs = -Infinity;
  let pace: Pace | null = null;
  return {
    fresh: async () => {
      if (performance.now() - askedAtMs <= PACE_AGE_MAX_MS) return;
      askedAtMs = performance.now();
      pace = await pusher.pace();
    },
    get pace() {
      return pace;
    },
  };
}

function toResult(answer: EnqueueAnswer, pushed: Pushed, pace: Pace | null): EnqueueResult {
  return {
    job_id: answer.jobId,
    queue_position: pushed.position,
    estimated_wait_time: estimateWaitSeconds(pushed.position, pace),
    dispatched: pushed.dispatched,
    already_queued: answer.verdict === 'already_queued',
  };
}

/** Pushes what was queued now, by `push`, and what was queued before and Redis does not know, and tells of all. */
function createDispatch({ pusher, log, metrics }: EnqueuerParts) {
  const keeper = keepPace(pusher);
  return async (
    answers: readonly EnqueueAnswer[],
    push: (jobs: readonly Delivery[]) => Promise<Pushed[]>,
  ): Promise<EnqueueResult[]> => {
    const queued = answers.flatMap(({ jobId, queueSeq }) => (queueSeq === null ? [] : [{ jobId, queueSeq }]));
    const stood = answers.filter((answer) => answer.verdict === 'already_queued').map((answer) => answer.jobId);
    const [places, lacking] = await Promise.all([
      queued.length > 0 ? push(queued) : [],
      stood.length > 0 ? pusher.pushMissing(stood) : new Set(),
      keeper.fresh(),
    ]);
    const pushed = new Map(queued.map(({ jobId }, i) => [jobId, places[i]]));
    for (const { jobId, queueSeq } of queued) log.event('job.queued', { job_id: jobId, queue_seq: queueSeq });
    metrics?.jobsTotal.inc({ status: 'queued' }, queued.length);
    const told = (jobId: string): Pushed => pushed.get(jobId) ?? { dispatched: !lacking.has(jobId), position: null };
    return answers.map((answer) => toResult(answer, told(answer.jobId), keeper.pace));
  };
}

export function createEnqueuer(parts: EnqueuerParts): Enqueuer {
  const { repository, pusher, limitPerMinute, metrics } = parts;
  const dispatch = createDispatch(parts);
  const ask = (asks: readonly EnqueueAsk[], by?: string): Promise<EnqueueAnswer[]> =>
    repository.enqueue(asks, limitPerMinute, by);
  const askTogether = groupCommit((asks: readonly EnqueueAsk[]) => ask(asks), STATEMENT_MAX);
  const pushAll = (jobs: readonly Delivery[]): Promise<Pushed[]> => pusher.push(jobs);
  const pushTogether = groupCommit(pushAll, PUSH_MAX);
  let call = 0;
  const nextCall = (): number => (call = (call + 1) % CALLS_MAX);
  const timed = async <T>(work: () => Promise<T>): Promise<T> => {
    const end = metrics?.enqueueDurationSeconds.startTimer();
    const answer = await work();
    end?.();
    return answer;
  };

  const enqueueAll = (jobIds: readonly string[], by?: string): Promise<EnqueueResult[]> =>
    timed(async () => {
      const one = nextCall();
      const asks = [...new Set(jobIds)].map((jobId) => ({ jobId, call: one }));
      const answers = await ask(asks, by);
      refuse(answers, limitPerMinute);
      return dispatch(answers, pushAll);
    });
  const enqueueOne = (jobId: string): Promise<EnqueueResult> =>
    timed(async () => {
      const answer = await askTogether({ jobId, call: nextCall() });
      refuse([answer], limitPerMinute);
      const [result] = await dispatch([answer], (jobs) => Promise.all(jobs.map(pushTogether)));
      if (result === undefined) throw new Error('an enqueue was given no answer');
      return result;
    });
  return {
    enqueueAll,
    enqueueOne,
    enqueueEach: async (jobIds, by) => {
      const asks = jobIds.map((jobId) => ({ jobId, call: nextCall() }));
      const answers = await ask(asks, by);
      const limited = answers.filter((answer) => answer.verdict === 'limited');
      const moved = answers.filter((answer) => answer.verdict === 'queued' || answer.verdict === 'already_queued');
      return {
        results: await dispatch(moved, pushAll),
        limited: limited.map((answer) => answer.jobId),
        retryAfterSeconds: Math.max(0, ...limited.map((answer) => answer.retryAfterSeconds ?? 0)),
      };
    },
  };
}
