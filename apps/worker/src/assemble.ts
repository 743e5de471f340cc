// The parts of a worker, wired to each other. No part is started here and nothing is decided; what a part needs of another
// is handed to it as a function.
import { randomUUID } from 'node:crypto';
import { describeError, systemClock, type Environment, type Logger } from '@jobhive/config';
import { createSessionLock, type Holder, type SessionLock } from '@jobhive/db';
import {
  createReconciler,
  createWorkLoop,
  openNotices,
  type Notices,
  type OpenQueue,
  type WorkLoop,
  type Reconciler,
} from '@jobhive/queue';
import { runAttempt, type AttemptParts } from './attempt.ts';
import { createBackground, type Background } from './background.ts';
import { createPlace } from './documents/place.ts';
import { createDuties, type Duties } from './duties.ts';
import { createFigures, type Figures } from './figures.ts';
import { createGate, type Gate } from './gate.ts';
import { createHands, type Hands } from './hands.ts';
import { createLanes, type Lanes } from './lanes.ts';
import type { StageInfo } from './pipeline/stage.ts';
import { createSlots, type Slots } from './slots.ts';
import type { StagePool } from './threads/pool.ts';
import { createTick, type Tick } from './tick.ts';

/** A lease is trusted for this much less than it lasts: the asker's clock against the database's. */
const TRUST_MARGIN_MS = 1500;
const TRUST_MIN_MS = 500;
const UNABLE_PAUSE_MS = 10_000;

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

/** Who this process is to Postgres, for how long it claims, and what it has in hand. */
interface Core {
  readonly holderId: string;
  readonly holder: () => Holder;
  readonly session: SessionLock | undefined;
  readonly leaseMs: number;
  readonly trustMs: number;
  readonly hands: Hands;
  readonly lanes: Lanes;
  readonly background: Background;
  readonly notices: Notices;
  readonly reconciler: Reconciler;
  /** Aborted when the process gives up asking for what is due. */
  readonly givingUp: AbortController;
}

export interface Assembled extends Core {
  readonly loop: WorkLoop;
  readonly gate: Gate;
  readonly slots: Slots;
  readonly tick: Tick;
  readonly figures: Figures;
}

export function assemble(parts: WorkerParts): Assembled {
  const { open, log } = parts;
  const core = createCore(parts);
  const { redis: store, keys } = open;
  const loop = createWorkLoop({
    store,
    keys,
    queueName: parts.environment.queueName,
    slots: parts.slots,
    work: (jobId) => runAttempt(attempt, jobId),
    log,
  });
  const gate = createGate((isOpen) => {
    loop.setGate(isOpen);
  });
  const slots = createSlots((alone) => {
    if (alone) gate.shut('alone');
    else gate.open('alone');
  });
  const figures = createFigures({
    hands: core.hands,
    slots: parts.slots,
    meanMs: () => loop.meanMs,
    since: new Date(),
  });
  const tick = wireTick(parts, core, gate);
  const attempt = wireAttempt(parts, core, { loop, gate, slots, tick, figures });
  return { ...core, loop, gate, slots, tick, figures };
}

function createCore({ environment, open, name, log }: WorkerParts): Core {
  const holderId = randomUUID();
  const leaseMs = environment.leaseSeconds * 1000;
  const session = environment.pgbouncer ? undefined : createSessionLock(environment.databaseUrl, holderId);
  const holder = (): Holder => ({
    id: holderId,
    sessionKey: session?.held === true ? session.key : null,
    workerName: name,
    leaseMs,
  });
  const givingUp = new AbortController();
  const lanes = createLanes({
    repository: open.repository,
    store: open.redis,
    keys: open.keys,
    holder,
    resultTtlSeconds: environment.resultTtlSeconds,
    givingUp: givingUp.signal,
    log,
  });
  const trustMs = Math.max(TRUST_MIN_MS, leaseMs - TRUST_MARGIN_MS);
  const background = createBackground(log);
  const notices = openNotices({ environment, open, holder: holderId, log });
  const { redis: store, keys, repository, metrics } = open;
  const reconciler = createReconciler({ store, keys, repository, log, clock: systemClock, metrics });
  const hands = createHands();
  return { holderId, holder, session, leaseMs, trustMs, hands, lanes, background, notices, reconciler, givingUp };
}

function wireDuties(
  { open, environment, log }: WorkerParts,
  { leaseMs, reconciler }: Core,
  tickIn: (ms: number) => void,
): Duties {
  const { repository, redis: store, keys, metrics } = open;
  return createDuties({
    repository,
    store,
    keys,
    pusher: open.pusher,
    deadLetters: open.deadLetters,
    reconciler,
    tickIn,
    leaseMs,
    retriesMax: environment.maxRetries,
    clock: systemClock,
    metrics,
    log,
  });
}

function wireTick(parts: WorkerParts, core: Core, gate: Gate): Tick {
  const duties = wireDuties(parts, core, (ms) => {
    tick.wakeIn(ms);
  });
  const tick = createTick({
    repository: parts.open.repository,
    hands: core.hands,
    holder: core.holder,
    canCompare: () => parts.open.redis.isReady,
    trustMs: core.trustMs,
    clock: systemClock,
    log: parts.log,
    onAway: () => {
      gate.shut('postgres_away');
    },
    onAnswer: async (answer, may) => {
      gate.open('postgres_away');
      if (answer.paused) gate.shut('paused');
      else gate.open('paused');
      keepSession(core.session, parts.log);
      core.notices.look(answer);
      await duties.follow(answer, may);
    },
  });
  return tick;
}

function wireAttempt(
  parts: WorkerParts,
  core: Core,
  wired: Pick<Assembled, 'loop' | 'gate' | 'slots' | 'tick' | 'figures'>,
): AttemptParts {
  const { environment, open, log, outputDir } = parts;
  const { loop, gate, slots, tick, figures } = wired;
  return {
    ...core,
    slots,
    stages: parts.stages,
    pool: parts.pool,
    place: createPlace(outputDir),
    store: open.redis,
    keys: open.keys,
    repository: open.repository,
    deadLetters: open.deadLetters,
    pusher: open.pusher,
    metrics: open.metrics,
    policy: { retriesMax: environment.maxRetries, delaysSeconds: environment.retryDelaysSeconds },
    attemptTimeoutMs: environment.jobTimeoutSeconds * 1000,
    workerName: parts.name,
    clock: systemClock,
    log,
    holdOff: (why) => {
      gate.shut(why);
      if (why === 'paused' || why === 'postgres_away') return tick.wake();
      if (why === 'no_space') log.event('worker.output_full', { output_dir: outputDir });
      setTimeout(() => {
        gate.open(why);
      }, UNABLE_PAUSE_MS).unref();
    },
    noteDuration: (durationMs) => {
      loop.noteDuration(durationMs);
    },
    onSettled: (kind) => {
      figures.settled(kind);
    },
    inBackground: (work) => {
      core.background.add(work);
    },
  };
}

/** Takes the session lock again where its connection broke; the lease alone tells of a death until then. */
function keepSession(session: SessionLock | undefined, log: Logger): void {
  if (session === undefined || session.held) return;
  session.ensure().catch((error: unknown) => {
    log.event('worker.postgres_step_failed', describeError(error));
  });
}
