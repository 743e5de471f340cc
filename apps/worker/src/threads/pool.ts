/**
 * The threads in which stages run, at most `maxThreads`, one stage a thread at a time, first come first served. One
 * thread is warm from the start; another is opened only when a stage has waited for some milliseconds (stages shorter
 * than that are quicker one after another than a thread is made), and goes again when it is idle for long. Whatever
 * becomes of a thread, each task is answered: with its result or with a StageFailure.
 */
import type { Logger } from '@jobhive/config';
import type { Told } from './messages.ts';
import { openSeat, type Seat } from './seat.ts';
import { failureOfAbort, failureOfThrown, StageFailure } from './stage-failure.ts';
import type { StageResult, StageTask } from './stage-task.ts';
import { supervise } from './supervise.ts';
import { describeThrown } from './thrown.ts';

export interface StagePool {
  /** @throws StageFailure */
  run(task: StageTask): Promise<StageResult>;
  /** Ends all threads; what runs or waits fails as aborted. Bounded and idempotent. */
  stop(): Promise<void>;
}

export interface StagePoolOptions {
  readonly pipelineModule: string | undefined;
  /** Absolute. */
  readonly outputDir: string;
  /** As many as the worker has slots. */
  readonly maxThreads: number;
  /** Heap of one thread; Node's own limit by default. Buffers lie outside of it. */
  readonly memoryLimitMb?: number | undefined;
  /** From the abort signal to the end of the thread. */
  readonly abortGraceMs?: number;
  /** How long a stage waits for a thread before another is opened. */
  readonly growAfterMs?: number;
  /** How long a thread beyond the first may have nothing to do. */
  readonly idleMs?: number;
  readonly log: Logger;
}

/** Threads started at the same time: more would only keep the processors from what runs. */
const STARTING_MAX = 4;

interface Waiting {
  readonly task: StageTask;
  readonly sinceMs: number;
  readonly take: (seat: Seat) => void;
  readonly fail: (failure: StageFailure) => void;
}
interface Place {
  readonly seat: Seat;
  state: 'starting' | 'idle' | 'busy';
  idleSinceMs: number;
  running: { readonly runId: number; readonly task: StageTask } | undefined;
}

export function createStagePool(options: StagePoolOptions): StagePool {
  return new ThreadPool(options);
}
