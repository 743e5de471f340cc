// The life of one attempt, as a list of named steps: claim, run, judge, free the slot, settle, acknowledge. It decides
// nothing itself: the claim's answer, the pure judgeOutcome() and the settle's verdict do. The slot is free before the
// settle; until the settle is known the claim stays in hand and its lease is renewed. What is to run alone is not claimed
// until it can: what waits for that loses neither its time nor, with its worker, an attempt.
import { describeError, type Clock, type Logger, type Metrics } from '@jobhive/config';
import {
  failureKind,
  StaleClaimError,
  type Claim,
  type Outcome,
  type Settled,
  type TrackingRepository,
} from '@jobhive/db';
import {
  isJobId,
  judgeOutcome,
  putBack,
  whileAwaited,
  type DeadLetterSet,
  type Keys,
  type Pusher,
  type Reconciler,
  type RedisStore,
  type RetryPolicy,
  type RunEnd,
} from '@jobhive/queue';
import type { Place } from './documents/place.ts';
import type { Hands, InHand } from './hands.ts';
import { DataRefusedError, type Lanes } from './lanes.ts';
import type { StageInfo } from './pipeline/stage.ts';
import { runStages } from './run-stages.ts';
import type { Release, Slots } from './slots.ts';
import type { StagePool } from './threads/pool.ts';
import { StageFailure } from './threads/stage-failure.ts';

export interface AttemptParts {
  readonly hands: Hands;
  readonly slots: Slots;
  readonly lanes: Lanes;
  readonly pool: StagePool;
  readonly place: Place;
  readonly stages: readonly StageInfo[];
  readonly store: RedisStore;
  readonly keys: Keys;
  readonly repository: TrackingRepository;
  readonly deadLetters: DeadLetterSet;
  readonly pusher: Pusher;
  readonly reconciler: Pick<Reconciler, 'returnForgotten'>;
  readonly policy: RetryPolicy;
  readonly attemptTimeoutMs: number;
  /** How long a lease is trusted, in ms: the lease less a margin. */
  readonly trustMs: number;
  readonly workerName: string;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Postgres or the queue's pause says: take nothing for now. */
  readonly holdOff: (why: 'paused' | 'postgres_away' | 'no_space' | 'no_thread') => void;
  readonly noteDuration: (durationMs: number) => void;
  readonly onSettled: (outcome: Outcome['kind']) => void;
  /** Work that goes on after the slot is free. */
  readonly inBackground: (work: Promise<void>) => void;
}

/** Resolves when the slot is free; what is left to do is handed to `inBackground`. */
export async function runAttempt(parts: AttemptParts, jobId: string): Promise<void> {
  const answer = await runIn(parts, jobId, false);
  if (answer === 'alone') await runIn(parts, jobId, true);
}

async function runIn(parts: AttemptParts, jobId: string, runsAlone: boolean): Promise<'alone' | undefined> {
  const entering = enter(parts, jobId, runsAlone);
  const entered = await (runsAlone ? whileAwaited(parts, jobId, entering) : entering);
  if (entered === undefined || entered === 'alone') return entered;
  const { hand, release } = entered;
  const end = await runPipeline(parts, hand);
  parts.noteDuration(parts.clock.monotonicMs() - hand.beganMs);
  parts.inBackground(settleAttempt(parts, hand, end).finally(release));
  return undefined;
}

/** A place among the slots, then the claim; no place is held without one. */
async function enter(
  parts: AttemptParts,
  jobId: string,
  runsAlone: boolean,
): Promise<{ readonly hand: InHand; readonly release: Release } | 'alone' | undefined> {
  const { slots } = parts;
  const release = await (runsAlone ? slots.alone() : slots.beside());
  if (release === undefined) return leave(parts, jobId, undefined); // the worker ends: nothing is begun any more
  const hand = await claimJob(parts, jobId, runsAlone);
  if (hand !== undefined && hand !== 'alone') return { hand, release };
  release();
  return hand;
}

/** The claim in hand; `alone` where it has to be asked for again; undefined where the entry was dropped or put back. */
async function claimJob(parts: AttemptParts, jobId: string, runsAlone: boolean): Promise<InHand | 'alone' | undefined> {
  const { hands, lanes, clock, metrics, log } = parts;
  if (!isJobId(jobId)) return drop(parts, jobId, 'no_job_id'); // a stranger's entry: no row can be its own
  const token = hands.ask(jobId);
  const askedMs = clock.monotonicMs();
  const askedAtMs = clock.now().getTime();
  const answer = await lanes.claim({ jobId, token, runsAlone }).catch(async (error: unknown) => {
    hands.doubt(token, clock.monotonicMs()); // where it was won all the same, the next tick finds an orphan and gives it back
    await leave(parts, jobId, failureKind(error) === 'busy' ? undefined : 'postgres_away', error);
    return undefined;
  });
  if (answer === undefined) return undefined;
  if (answer.verdict === 'won') {
    const { claim } = answer;
    if (claim.waitedMs !== null) metrics.pickupLatencySeconds.observe(claim.waitedMs / 1000);
    metrics.jobsTotal.inc({ status: 'processing' });
    log.event('job.claimed', { job_id: jobId, attempt: claim.attempt, waited_ms: claim.waitedMs ?? undefined });
    return hands.hold(claim, { beganMs: clock.monotonicMs(), askedAtMs, trustUntilMs: askedMs + parts.trustMs });
  }
  hands.release(token);
  if (answer.verdict === 'alone') {
    log.event('job.awaits_alone', { job_id: jobId });
    return 'alone';
  }
  if (answer.verdict === 'paused') return leave(parts, jobId, 'paused');
  return drop(parts, jobId, answer.verdict);
}

async function drop({ lanes, log }: AttemptParts, jobId: string, verdict: string): Promise<undefined> {
  log.event('job.not_claimed', { job_id: jobId, verdict });
  await lanes.acknowledge({ jobId, finished: false });
  return undefined;
}

/** Back to its place in line, and nothing more is taken for now. */
async function leave(
  { store, keys, pusher, log, holdOff }: AttemptParts,
  jobId: string,
  why: 'paused' | 'postgres_away' | undefined,
  error?: unknown,
): Promise<undefined> {
  if (why !== undefined) holdOff(why);
  if (error !== undefined) log.event('job.write_repeated', { job_id: jobId, write: 'claim', ...describeError(error) });
  try {
    await putBack(store, keys, [jobId]);
    // A late acknowledgement of the attempt before may have taken its entry: nothing was there to be put back.
    if (why !== 'postgres_away') await pusher.pushMissing([jobId]);
  } catch (failure) {
    log.event('queue.delivery_failed', { job_id: jobId, ...describeError(failure) }); // the reconciler finds it in `active`
  }
}

async function runPipeline(parts: AttemptParts, hand: InHand): Promise<RunEnd> {
  const { lanes, pool, place, stages, clock, metrics } = parts;
  const { claim } = hand;
  const log = parts.log.child({ job_id: claim.jobId, attempt: claim.attempt });
  try {
    const { last } = await runStages({
      claim: { ...claim, askedAtMs: hand.askedAtMs },
      stages,
      pool,
      place,
      clock,
      log,
      signal: hand.controller.signal,
      deadlineMs: hand.beganMs + parts.attemptTimeoutMs,
      checkpoint: async (record) => {
        metrics.stageDurationSeconds.observe({ stage: record.stage }, record.durationMs / 1000);
        const verdict = await lanes.checkpoint({ jobId: claim.jobId, token: claim.token, record });
        if (verdict === 'done')
          log.event('job.stage_finished', { stage: record.stage, duration_ms: Math.round(record.durationMs) });
        return verdict;
      },
      onStage: (stage) => {
        // Frozen past the lease: the tick has not said so yet.
        if (clock.monotonicMs() > hand.trustUntilMs) parts.hands.stop(hand, 'stale');
        hand.stage = stage;
        hand.progress = null;
        log.event('job.stage_started', { stage });
      },
      onProgress: (stage, fraction, text) => {
        hand.progress = { fraction, text };
        log.event('job.progress', { stage, fraction });
      },
    });
    if (last !== undefined) metrics.stageDurationSeconds.observe({ stage: last.stage }, last.durationMs / 1000);
    return { kind: 'done', last };
  } catch (error) {
    return endOf(error, hand);
  }
}

/** What a run that did not come to its end came to. */
function endOf(error: unknown, hand: InHand): RunEnd {
  if (error instanceof StaleClaimError) return { kind: 'stale' };
  if (error instanceof StageFailure && error.code !== undefined) return { kind: error.code };
  const failure = error instanceof Error ? error : new Error(String(error));
  const stageFailure = error instanceof StageFailure ? error : undefined;
  return {
    kind: 'failed',
    failure: {
      name: failure.name,
      message: failure.message,
      stack: failure.stack ?? null,
      stage: hand.stage,
      reason: stageFailure?.reason ?? 'error',
    },
    permanent: stageFailure?.permanent ?? error instanceof DataRefusedError,
    retryAfterSeconds: stageFailure?.retryAfterSeconds,
  };
}

async function settleAttempt(parts: AttemptParts, hand: InHand, end: RunEnd): Promise<void> {
  const { claim } = hand;
  const judge = (as: RunEnd): Outcome =>
    judgeOutcome({
      claim,
      cause: hand.cause,
      end: as,
      policy: parts.policy,
      workerName: parts.workerName,
      at: parts.clock.now().toISOString(),
    });
  const outcome = judge(end);
  try {
    if (outcome.kind === 'stale') {
      parts.hands.doubt(claim.token, parts.clock.monotonicMs()); // if it was only distrusted it is ours, and nobody works on it
      return await tellStale(parts, claim, 'settle');
    }
    const [settled, written] = await writeOutcome(parts, hand, outcome, judge);
    if (settled.verdict === 'stale') return await tellStale(parts, claim, 'settle');
    tellSettled(parts, hand, written, settled);
    await afterSettle(parts, claim, written, settled);
  } catch (error) {
    parts.log.event('job.write_repeated', { job_id: claim.jobId, write: 'settle', ...describeError(error) }); // given up: the process ends
  } finally {
    parts.hands.release(claim.token);
  }
}

type Written = Exclude<Outcome, { kind: 'stale' }>;

/** Settles; an output that Postgres refuses is the job's own fault, and fails it for good. */
async function writeOutcome(
  { lanes }: AttemptParts,
  { claim }: InHand,
  outcome: Written,
  judge: (end: RunEnd) => Outcome,
): Promise<[Settled, Written]> {
  const ask = { jobId: claim.jobId, token: claim.token };
  try {
    return [await lanes.settle({ ...ask, outcome }), outcome];
  } catch (error) {
    if (!(error instanceof DataRefusedError) || outcome.kind !== 'processed') throw error;
    const failure = {
      name: error.name,
      message: error.message,
      stack: null,
      stage: outcome.last?.stage ?? null,
      reason: 'error' as const,
    };
    const failed = judge({ kind: 'failed', failure, permanent: true, retryAfterSeconds: undefined });
    if (failed.kind === 'stale') throw error;
    return [await lanes.settle({ ...ask, outcome: failed }), failed];
  }
}

const EVENT_OF = {
  processed: 'job.processed',
  retry: 'job.retry_scheduled',
  failed: 'job.failed',
  cancelled: 'job.cancelled',
  given_back: 'job.given_back',
} as const;

function tellSettled(parts: AttemptParts, hand: InHand, outcome: Written, settled: Settled): void {
  const { metrics, log, clock } = parts;
  const { claim } = hand;
  const seconds = (clock.monotonicMs() - hand.beganMs) / 1000;
  metrics.attemptDurationSeconds.observe(seconds);
  metrics.attemptsTotal.inc({ outcome: outcome.kind === 'retry' ? 'retried' : outcome.kind });
  if (settled.status !== null) metrics.jobsTotal.inc({ status: settled.status });
  const error = 'error' in outcome ? outcome.error : undefined;
  log.event(settled.status === 'cancelled' ? 'job.cancelled' : EVENT_OF[outcome.kind], {
    job_id: claim.jobId,
    attempt: claim.attempt,
    duration_ms: Math.round(seconds * 1000),
    ...(outcome.kind === 'retry' ? { delay_seconds: outcome.delaySeconds } : {}),
    ...(outcome.kind === 'given_back' ? { reason: outcome.reason } : {}),
    ...(error === undefined
      ? {}
      : {
          error_name: error.name,
          stage: error.stage ?? undefined,
          fingerprint: error.fingerprint,
          reason: error.reason,
        }),
  });
  parts.onSettled(outcome.kind);
}

/** Redis, after the record: acknowledged; a dead letter is added; what was given back stands in line again. */
async function afterSettle(parts: AttemptParts, claim: Claim, outcome: Written, settled: Settled): Promise<void> {
  const { lanes, deadLetters, pusher, log } = parts;
  if (outcome.kind === 'given_back' && (outcome.reason === 'no_space' || outcome.reason === 'no_thread')) {
    parts.holdOff(outcome.reason);
  }
  if (settled.status === 'queued' && outcome.kind === 'given_back' && settled.queueSeq !== null) {
    await pusher.push([{ jobId: claim.jobId, queueSeq: settled.queueSeq }]); // out of `active` and into line, in one script
    return;
  }
  if (settled.status === 'failed') {
    await deadLetters.add([{ jobId: claim.jobId, score: parts.clock.now().getTime() }]).catch((error: unknown) => {
      log.event('queue.delivery_failed', { job_id: claim.jobId, ...describeError(error) }); // the reconciler adds it
    });
  }
  await lanes.acknowledge({
    jobId: claim.jobId,
    finished: settled.status === 'processed' || settled.status === 'failed',
  });
}

async function tellStale(parts: AttemptParts, claim: Claim, write: string): Promise<void> {
  const { metrics, log, repository, reconciler } = parts;
  metrics.staleClaimsTotal.inc();
  metrics.attemptsTotal.inc({ outcome: 'stale' });
  log.event('job.stale', { job_id: claim.jobId, attempt: claim.attempt });
  await repository.recordStaleWrite({
    jobId: claim.jobId,
    attempt: claim.attempt,
    workerName: parts.workerName,
    write,
  });
  await reconciler.returnForgotten(claim.jobId).catch((error: unknown) => {
    log.event('queue.delivery_failed', { job_id: claim.jobId, ...describeError(error) }); // the comparing of the stores finds it
  });
}
