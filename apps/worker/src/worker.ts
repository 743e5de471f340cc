// A worker: its parts up, the loop running, its parts down. It works until it is asked to stop (or, in a burst, until
// nothing waits), finishes what it holds within the grace, gives the rest back unspent, and leaves in order.
import { randomUUID } from 'node:crypto';
import { describeError, sleep, systemClock, type Environment, type Logger } from '@jobhive/config';
import { createSessionLock, type Holder, type SessionLock } from '@jobhive/db';
import {
  createReconciler,
  createWorkLoop,
  leaveClaims,
  listenForSignals,
  registerWorker,
  type OpenQueue,
} from '@jobhive/queue';
import { runAttempt, type AttemptParts } from './attempt.ts';
import { waitForBurst } from './burst.ts';
import { createPlace } from './documents/place.ts';
import { createDuties } from './duties.ts';
import { createFigures, createHeartbeat } from './figures.ts';
import { createGate } from './gate.ts';
import { createHands } from './hands.ts';
import { createLanes } from './lanes.ts';
import type { StageInfo } from './pipeline/stage.ts';
import { createSlots } from './slots.ts';
import type { StagePool } from './threads/pool.ts';
import { createTick } from './tick.ts';

/** A lease is trusted for this much less than it lasts: the asker's clock against the database's. */
const TRUST_MARGIN_MS = 1500;
/** After the grace: threads are ended, what is left is settled and told. */
const LAST_WRITES_MS = 2500;
const NO_SPACE_PAUSE_MS = 10_000;
const MIN_TRUST_MS = 500;

export interface WorkerParts {
  readonly environment: Environment;
  readonly open: OpenQueue;
  readonly name: string;
  readonly slots: number;
  readonly stages: readonly StageInfo[];
  readonly pool: StagePool;
  readonly outputDir: string;
  readonly burst: boolean;
  readonly log: Logger;
}

/** Works until `shutdown` is aborted or, in a burst, nothing is left. @throws WorkerNameTakenError */
export async function runWorker(parts: WorkerParts, shutdown: AbortSignal): Promise<void> {
  const worker = createWorker(parts);
  await worker.start(shutdown);
  try {
    await worker.work(shutdown);
  } finally {
    await worker.stop();
  }
}

interface Worker {
  start(shutdown: AbortSignal): Promise<void>;
  work(shutdown: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

function createWorker(parts: WorkerParts): Worker {
  const { environment, open, log } = parts;
  const { repository, redis: store, keys } = open;
  const holderId = randomUUID();
  const leaseMs = environment.leaseSeconds * 1000;
  const trustMs = Math.max(MIN_TRUST_MS, leaseMs - TRUST_MARGIN_MS);
  const session = environment.pgbouncer ? undefined : createSessionLock(environment.databaseUrl, holderId);
  const holder = (): Holder => ({
    id: holderId,
    sessionKey: session?.held === true ? session.key : null,
    workerName: parts.name,
    leaseMs,
  });
  const givingUp = new AbortController();
  const hands = createHands();
  const background = new Set<Promise<void>>();
  const lanes = createLanes({
    repository,
    store,
    keys,
    holder,
    resultTtlSeconds: environment.resultTtlSeconds,
    givingUp: givingUp.signal,
    log,
  });
  const attempt = (jobId: string): Promise<void> => runAttempt(attemptParts, jobId);
  const loop = createWorkLoop({
    store,
    keys,
    queueName: environment.queueName,
    slots: parts.slots,
    work: attempt,
    log,
  });
  const gate = createGate((isOpen) => {
    loop.setGate(isOpen);
  });
  const figures = createFigures({ hands, slots: parts.slots, meanMs: () => loop.meanMs, since: new Date() });
  const attemptParts: AttemptParts = {
    ...parts,
    hands,
    slots: createSlots(),
    lanes,
    place: createPlace(parts.outputDir),
    store,
    keys,
    repository,
    deadLetters: open.deadLetters,
    pusher: open.pusher,
    policy: { retriesMax: environment.maxRetries, delaysSeconds: environment.retryDelaysSeconds },
    attemptTimeoutMs: environment.jobTimeoutSeconds * 1000,
    trustMs,
    workerName: parts.name,
    clock: systemClock,
    metrics: open.metrics,
    holdOff: (why) => {
      gate.shut(why);
      if (why !== 'no_space') return tick.wake();
      log.event('worker.output_full', { output_dir: parts.outputDir });
      setTimeout(() => {
        gate.open('no_space');
      }, NO_SPACE_PAUSE_MS).unref();
    },
    noteDuration: (durationMs) => {
      loop.noteDuration(durationMs);
    },
    onSettled: (kind) => {
      figures.settled(kind);
    },
    inBackground: (work) => {
      const done = work
        .catch((error: unknown) => {
          log.event('queue.error', describeError(error));
        })
        .finally(() => background.delete(done));
      background.add(done);
    },
  };
  const duties = createDuties({
    repository,
    store,
    keys,
    pusher: open.pusher,
    deadLetters: open.deadLetters,
    reconciler: createReconciler({ store, keys, repository, log, clock: systemClock, metrics: open.metrics }),
    leaseMs,
    retriesMax: environment.maxRetries,
    clock: systemClock,
    metrics: open.metrics,
    log,
  });
  const tick = createTick({
    repository,
    hands,
    holder,
    trustMs,
    clock: systemClock,
    log,
    onAway: () => {
      gate.shut('postgres_away');
    },
    onAnswer: async (answer, mayExpire) => {
      gate.open('postgres_away');
      if (answer.paused) gate.shut('paused');
      else gate.open('paused');
      keepSession(session, log);
      await duties.follow(answer, mayExpire);
    },
  });
  const signals = listenForSignals(store, keys, () => {
    tick.wake();
  });
  let leave: () => Promise<void> = () => Promise.resolve();

  return {
    start: async (shutdown) => {
      const registration = await registerWorker(
        store,
        keys,
        { name: parts.name, holder: holderId },
        figures.report(),
        shutdown,
      );
      const heartbeat = createHeartbeat({ registration, figures, queue: open.queue, log });
      leave = async () => {
        await heartbeat.stop();
        await registration.leave();
      };
      await session?.ensure();
      heartbeat.start();
      tick.start();
      await loop.start();
      await repository.recordSystemEvent('worker_started', { worker: parts.name });
      log.event('worker.started', {
        concurrency: parts.slots,
        stages: parts.stages.map((stage) => stage.name).join(','),
      });
    },
    work: (shutdown) =>
      parts.burst
        ? waitForBurst({ hands, background, store, keys, repository, isPaused: () => gate.isShut('paused') }, shutdown)
        : untilAborted(shutdown),
    stop: async () => {
      log.event('worker.stopping', { in_hand: hands.count });
      gate.shut('stopping');
      signals.stop();
      await finishInHand(environment.shutdownGraceSeconds * 1000);
      await parts.pool.stop();
      await leaveRest();
      await tick.stop();
      await Promise.allSettled([withinLastWrites(leave()), session?.release()]);
      await withinLastWrites(repository.recordSystemEvent('worker_stopped', { worker: parts.name })).catch(
        () => undefined,
      ); // Postgres is away: nobody to tell
      log.event('worker.stopped');
    },
  };

  /** Lets what is in hand come to its end within the grace, then ends it: given back, its attempt unspent. */
  async function finishInHand(graceMs: number): Promise<void> {
    const stopped = loop.stop();
    const graceOver = new AbortController();
    await Promise.race([stopped, sleep(graceMs, graceOver.signal).catch(() => undefined)]);
    graceOver.abort();
    for (const hand of hands.all) hands.stop(hand, 'shutdown');
    await Promise.race([stopped, sleep(LAST_WRITES_MS)]);
    await Promise.race([settled(), sleep(LAST_WRITES_MS)]);
  }
  async function settled(): Promise<void> {
    while (background.size > 0) await Promise.allSettled(background);
  }
  /** Postgres is away: what could not be given back is left in Redis, so that expire() spends nothing. */
  async function leaveRest(): Promise<void> {
    givingUp.abort(new Error('the worker ends'));
    const tokens = hands.all.map((hand) => hand.claim.token);
    await withinLastWrites(leaveClaims(store, keys, tokens)).catch((error: unknown) => {
      log.event('worker.claims_lost', { jobs: tokens.length, ...describeError(error) });
    });
    await Promise.race([settled(), sleep(LAST_WRITES_MS)]);
  }
}

function keepSession(session: SessionLock | undefined, log: Logger): void {
  if (session === undefined || session.held) return;
  session.ensure().catch((error: unknown) => {
    log.event('worker.session_lock_failed', describeError(error)); // the lease alone tells of a death until the next tick
  });
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}

function withinLastWrites<T>(work: Promise<T>): Promise<T | undefined> {
  return Promise.race([work, sleep(LAST_WRITES_MS).then(() => undefined)]);
}
