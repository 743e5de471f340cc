/**
 * Several producers at once, in the times of the plan: each job is asked for, alone or with others, until an answer says that
 * it is accepted. The first answer that comes is kept; an answer that was lost leaves it unknown whether it was dispatched.
 */
import type { JobQueue } from '@jobhive/queue';
import { setTimeout as pause } from 'node:timers/promises';
import { openCaller, timed } from './caller.ts';
import type { Enqueued } from './evidence.ts';
import { enqueueAtMs } from './plan.ts';
import { createRandom } from './random.ts';
import type { World } from './world.ts';

export const PRODUCERS = 3;
const TOGETHER_MAX = 8;
const AGAIN_MS = 200;

export interface Producers {
  readonly enqueued: readonly Enqueued[];
  readonly overdue: readonly string[];
  /** Resolves when every job is accepted, or `stopping` was aborted. */
  run(startMs: number, stopping: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export function createProducers(world: World): Producers {
  const enqueued: Enqueued[] = [];
  const overdue: string[] = [];
  const opened = Array.from({ length: PRODUCERS }, (_, number) => openCaller(world, 'producer', number));
  return {
    enqueued,
    overdue,
    run: async (startMs, stopping) => {
      await Promise.all(
        opened.map(({ queue }, number) => produce({ world, queue, number, enqueued, overdue, startMs, stopping })),
      );
    },
    close: async () => void (await Promise.all(opened.map((one) => one.stop()))),
  };
}

interface Producing {
  readonly world: World;
  readonly queue: JobQueue;
  readonly number: number;
  readonly enqueued: Enqueued[];
  readonly overdue: string[];
  readonly startMs: number;
  readonly stopping: AbortSignal;
}

async function produce(producing: Producing): Promise<void> {
  const { plan } = producing.world;
  const random = createRandom('producer', plan.seed, producing.number);
  for (let n = producing.number; n < plan.jobs && !producing.stopping.aborted;) {
    const mine = Math.min(1 + random.whole(TOGETHER_MAX), Math.ceil((plan.jobs - n) / PRODUCERS));
    const numbers = Array.from({ length: mine }, (_, k) => n + k * PRODUCERS);
    const dueMs = producing.startMs + enqueueAtMs(plan, numbers.at(-1) ?? n);
    await pause(Math.max(0, dueMs - Date.now()));
    await accepted(
      producing,
      numbers.map((number) => plan.jobIds[number] ?? ''),
    );
    n += mine * PRODUCERS;
  }
}

async function accepted(producing: Producing, jobIds: readonly string[]): Promise<void> {
  const { queue, enqueued, stopping } = producing;
  const calledMs = Date.now();
  while (!stopping.aborted) {
    const results = await within(producing, () =>
      jobIds.length === 1 ? queue.enqueueJob(jobIds[0] ?? '').then((one) => [one]) : queue.enqueueJobs(jobIds),
    );
    if (results === 'settled already') {
      for (const jobId of jobIds) enqueued.push({ jobId, calledMs, answeredMs: Date.now(), dispatched: undefined });
      return;
    }
    if (results !== 'no answer') {
      const answeredMs = Date.now();
      for (const { job_id: jobId, dispatched, already_queued: before } of results)
        enqueued.push({ jobId, calledMs, answeredMs, dispatched: before ? undefined : dispatched });
      return;
    }
    await pause(AGAIN_MS);
  }
}

type Answer<T> = T | 'settled already' | 'no answer';

/** A call that failed is asked again; one whose job has run by now was accepted, and its answer lost. */
async function within<T>({ overdue, number }: Producing, ask: () => Promise<T>): Promise<Answer<T>> {
  try {
    return await timed(overdue, `an enqueue of producer ${String(number)}`, ask);
  } catch (error) {
    if (error instanceof Error && error.name === 'WrongStatusError') return 'settled already';
    return 'no answer';
  }
}
