// A worker: its parts up, the loop running, its parts down. It works until it is asked to stop (or, in a burst, until
// nothing waits), finishes what it holds within the grace, gives the rest back unspent, and leaves in order.
import { describeError } from '@jobhive/config';
import { listenForSignals, registerWorker, type Registration } from '@jobhive/queue';
import { assemble, type Assembled, type WorkerParts } from './assemble.ts';
import { waitForBurst } from './burst.ts';
import { createHeartbeat, type Heartbeat } from './figures.ts';
import { finishInHand, leaveRest, withinLastWrites } from './leave.ts';
import { untilThere } from './start-services.ts';

/** What the last notices may take at the end; what is left then is sent by the next worker. */
const NOTICES_MS = 5000;
const NOTICES_HURRIED_MS = 500;

/** Works until `shutdown` is aborted or, in a burst, nothing is left. @throws WorkerNameTakenError */
export async function runWorker(parts: WorkerParts, shutdown: AbortSignal): Promise<void> {
  const worker = assemble(parts);
  const registration = await register(parts, worker, shutdown);
  if (registration === undefined) return;
  const heartbeat = createHeartbeat({ registration, figures: worker.figures, queue: parts.open.queue, log: parts.log });
  const signals = listenForSignals(parts.open.redis, parts.open.keys, () => {
    worker.tick.wake();
  });
  try {
    await start(parts, worker, heartbeat);
    await work(parts, worker, shutdown);
  } finally {
    signals.stop();
    await stop(parts, worker, { registration, heartbeat, hurried: shutdown.aborted });
  }
}

/** Takes the name, however long Redis is away just then; undefined where the shutdown came first. */
async function register(
  { open, name, burst, log }: WorkerParts,
  worker: Assembled,
  shutdown: AbortSignal,
): Promise<Registration | undefined> {
  const who = { name, holder: worker.holderId };
  const ask = (): Promise<Registration> =>
    registerWorker(open.redis, open.keys, who, worker.figures.report(), shutdown);
  let registration: Registration | undefined;
  try {
    registration = await untilThere(ask, { patient: !burst, log }, shutdown);
    return registration;
  } finally {
    if (registration === undefined) await worker.loop.stop(); // its connection is open, and nobody else will end it
  }
}

async function start(
  { open, name, slots, stages, log }: WorkerParts,
  worker: Assembled,
  heartbeat: Heartbeat,
): Promise<void> {
  await orLater(worker.session?.ensure(), log); // the tick takes the lock again
  heartbeat.start();
  worker.tick.start();
  await worker.loop.start();
  await orLater(open.repository.recordSystemEvent('worker_started', { worker: name }), log);
  log.event('worker.started', { concurrency: slots, stages: stages.map((stage) => stage.name).join(',') });
}

/** What a worker can begin without: Postgres may have gone since it was waited for, and the tick waits for it again. */
async function orLater(step: Promise<void> | undefined, log: WorkerParts['log']): Promise<void> {
  try {
    await step;
  } catch (error) {
    log.event('worker.postgres_step_failed', describeError(error));
  }
}

function work({ open, burst }: WorkerParts, worker: Assembled, shutdown: AbortSignal): Promise<void> {
  if (!burst) return untilAborted(shutdown);
  const { hands, background, gate } = worker;
  const { redis: store, keys, repository } = open;
  return waitForBurst({ hands, background, store, keys, repository, isPaused: () => gate.isShut('paused') }, shutdown);
}

async function stop(
  { open, name, pool, environment, log }: WorkerParts,
  worker: Assembled,
  told: { registration: Registration; heartbeat: Heartbeat; hurried: boolean },
): Promise<void> {
  log.event('worker.stopping', { in_hand: worker.hands.count });
  worker.gate.shut('stopping');
  await finishInHand(worker, environment.shutdownGraceSeconds * 1000);
  const noticesSent = worker.notices.stop(told.hurried ? NOTICES_HURRIED_MS : NOTICES_MS);
  const ticked = worker.tick.stop();
  await pool.stop();
  await leaveRest(worker, open, log);
  const written = withinLastWrites([
    ticked, // one that is under way waits for Postgres longer than the end may
    told.heartbeat.stop().then(() => told.registration.leave()),
    open.repository.recordSystemEvent('worker_stopped', { worker: name }),
    worker.session?.release() ?? Promise.resolve(),
  ]);
  await Promise.all([noticesSent, written]);
  log.event('worker.stopped');
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
