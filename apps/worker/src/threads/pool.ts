/**
 * The threads in which stages run, at most `maxThreads`, one stage a thread at a time, first come first served. One
 * thread is warm from the start; another is opened only when a stage has waited for some milliseconds and threads are
 * worth their making, and goes again when it is idle for long. Whatever becomes of a thread, each task is answered: with
 * its result or with a StageFailure.
 */
import type { Logger } from '@jobhive/config';
import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import type { Told } from './messages.ts';
import { openSeat, type Seat } from './seat.ts';
import { failureOfAbort, failureOfThrown, StageFailure } from './stage-failure.ts';
import type { StageResult, StageTask } from './stage-task.ts';
import { supervise } from './supervise.ts';
import { describeThrown } from './thrown.ts';
import { createWaitingLine } from './waiting-line.ts';

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
/** Stages that take less, on average, are quicker one after another than side by side in threads yet to be made. */
const LONG_STAGE_MS = 1;
/** A stage that still holds its thread at so many looks is long, whatever those before it took. */
const HELD_LOOKS = 4;

interface Bench {
  readonly seat: Seat;
  state: 'starting' | 'idle' | 'busy';
  idleSinceMs: number;
  running: { readonly runId: number; readonly task: StageTask; looks: number } | undefined;
}

export function createStagePool(options: StagePoolOptions): StagePool {
  const pool = new ThreadPool(options);
  pool.warmUp();
  return pool;
}

/** The worker was able to load the pipeline when it began: it is no fault of the job. */
function unable(failure: StageFailure): StageFailure {
  const { name, message, stack, reason } = failure;
  return new StageFailure({ name, message, stack, reason, code: 'no_thread' });
}

class ThreadPool implements StagePool {
  readonly #options: StagePoolOptions;
  readonly #benches = new Set<Bench>();
  /** Last used, last in the list; may hold some that are gone. */
  readonly #idle: Bench[] = [];
  readonly #line = createWaitingLine<Bench>();
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #idleTimer: NodeJS.Timeout;
  #growTimer: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;
  #lastRunId = 0;
  /** Moving average of the time stages took in their threads. */
  #meanMs = 0;

  constructor(options: StagePoolOptions) {
    this.#options = options;
    const { idleMs = 60_000 } = options;
    setMaxListeners(0, this.#stopping.signal);
    this.#idleTimer = setInterval(() => {
      this.#endIdle(idleMs);
    }, idleMs / 2).unref();
  }

  warmUp(): void {
    this.#open();
  }

  async run(task: StageTask): Promise<StageResult> {
    let bench: Bench;
    do {
      if (this.#signals(task).some(({ aborted }) => aborted)) throw failureOfAbort(task.stage);
      bench = this.#takeIdle() ?? (await this.#wait(task));
    } while (bench.seat.gone);
    const running = this.#runOn(bench, task);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    clearInterval(this.#idleTimer);
    clearTimeout(this.#growTimer);
    this.#stopping.abort();
    await Promise.allSettled(this.#running);
    await Promise.all([...this.#benches].map(({ seat }) => seat.end()));
  }

  async #runOn(bench: Bench, task: StageTask): Promise<StageResult> {
    this.#lastRunId += 1;
    bench.state = 'busy';
    bench.running = { runId: this.#lastRunId, task, looks: 0 };
    try {
      const { abortGraceMs = 1_000 } = this.#options;
      const result = await supervise(bench.seat, this.#lastRunId, task, { abortGraceMs, signals: this.#signals(task) });
      this.#meanMs += (result.durationMs - this.#meanMs) / 16;
      return result;
    } finally {
      bench.running = undefined;
      this.#free(bench);
    }
  }

  /** The one used last, so that those beyond need are idle for long. */
  #takeIdle(): Bench | undefined {
    const bench = this.#idle.pop();
    return bench?.seat.gone === true ? this.#takeIdle() : bench;
  }

  #wait(task: StageTask): Promise<Bench> {
    const waiting = this.#line.join(this.#signals(task), () => failureOfAbort(task.stage));
    this.#growLater();
    return waiting;
  }

  #signals(task: StageTask): readonly AbortSignal[] {
    return [task.signal, this.#stopping.signal];
  }

  /** To whoever waits, in turn; else it is idle. */
  #free(bench: Bench): void {
    if (bench.seat.gone) {
      this.#growLater();
      return;
    }
    bench.state = 'busy';
    if (this.#line.serve(bench)) return;
    bench.state = 'idle';
    bench.idleSinceMs = performance.now();
    this.#idle.push(bench);
  }

  #growLater(): void {
    if (this.#line.length === 0 || this.#stopping.signal.aborted) return;
    if (this.#benches.size >= this.#options.maxThreads) return;
    if (this.#benches.size === 0) this.#open();
    this.#growTimer ??= setTimeout(() => {
      this.#growTimer = undefined;
      this.#grow();
    }, this.#options.growAfterMs ?? 5);
  }

  #grow(): void {
    const { maxThreads, growAfterMs = 5 } = this.#options;
    const starting = [...this.#benches].filter(({ state }) => state === 'starting').length;
    const overdue = this.#worthMore() ? this.#line.waitingSince(performance.now() - growAfterMs) : 0;
    const opened = Math.min(overdue - starting, STARTING_MAX - starting, maxThreads - this.#benches.size);
    for (let i = 0; i < opened; i += 1) this.#open();
    this.#growLater();
  }

  /** One thread a processor always; more only where stages take long enough to be worth a thread. */
  #worthMore(): boolean {
    // Looks, not time: a main thread that was held up would take every stage for a long one.
    const running = [...this.#benches].flatMap((bench) => bench.running ?? []);
    for (const run of running) run.looks += 1;
    if (this.#benches.size < availableParallelism() || this.#meanMs >= LONG_STAGE_MS) return true;
    return running.some(({ looks }) => looks >= HELD_LOOKS);
  }

  #open(): void {
    const { pipelineModule, outputDir, memoryLimitMb } = this.#options;
    const onTold = (told: Told): void => {
      this.#hear(bench, told);
    };
    const onGone = (): void => {
      this.#benches.delete(bench);
      if (bench.state !== 'starting') this.#growLater();
    };
    const seat = openSeat({ pipelineModule, outputDir, memoryLimitMb, onTold, onGone });
    const bench: Bench = { seat, state: 'starting', idleSinceMs: 0, running: undefined };
    this.#benches.add(bench);
    void this.#start(bench);
  }

  /** Where no thread is left that could serve it, the failure is the oldest waiter's: else it would wait for ever. */
  async #start(bench: Bench): Promise<void> {
    try {
      await bench.seat.start();
      this.#free(bench);
    } catch (error) {
      const failure = error instanceof StageFailure ? error : failureOfThrown(describeThrown(error));
      if (!this.#stopping.signal.aborted) this.#options.log.event('worker.thread_failed', { error_name: failure.name });
      await bench.seat.end();
      if (this.#benches.size === 0) this.#line.failFirst(unable(failure));
      this.#growLater();
    }
  }

  #hear({ running }: Bench, told: Told): void {
    if (told.kind === 'left_over') {
      const { jobId: job_id, stage, thrown } = told;
      this.#options.log.event('worker.stage_left_error', { job_id, stage, error_name: thrown.name });
    } else if (running?.runId !== told.runId) {
      // Of a stage that has ended: nobody listens any more.
    } else if (told.kind === 'progress') {
      running.task.onProgress(told.fraction, told.text);
    } else {
      running.task.onLog(told.level, told.message, told.fields);
    }
  }

  #endIdle(idleMs: number): void {
    const before = performance.now() - idleMs;
    for (const bench of [...this.#benches]) {
      if (this.#benches.size > 1 && bench.state === 'idle' && bench.idleSinceMs < before) void bench.seat.end();
    }
  }
}
