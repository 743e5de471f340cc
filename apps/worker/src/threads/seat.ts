/**
 * One thread for stages, held by a Piscina of its own, so that it is known which thread a stage runs in and only that one
 * is ended. States: starting, idle or busy, gone. A seat that lost its thread, or whose thread was ended, is gone for
 * good: the pool opens another. It decides nothing about time; supervise.ts does.
 */
import { Piscina } from 'piscina';
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { AbortOrder, Hello, ReadyAnswer, RunAnswer, RunOrder, ThreadData, Told } from './messages.ts';
import { failureOfThrown, StageFailure } from './stage-failure.ts';
import { describeThrown } from './thrown.ts';
import { threadFile } from './thread-file.ts';

export interface Seat {
  /** Resolves once the pipeline is loaded. @throws StageFailure */
  start(): Promise<void>;
  /** @throws StageFailure when the thread was lost */
  execute(order: RunOrder): Promise<RunAnswer>;
  abort(order: AbortOrder): void;
  /** Ends the thread for real, also when it spins; resolves when it is gone, or after a bound. Idempotent. */
  end(): Promise<void>;
  readonly gone: boolean;
}

export interface SeatOptions extends ThreadData {
  readonly memoryLimitMb: number | undefined;
  /** Also called between two stages, for what an earlier one left. */
  readonly onTold: (told: Told) => void;
  /** The thread is lost, or was ended. */
  readonly onGone: (seat: Seat) => void;
}

/**
 * V8 lets each thread's space for young objects grow to 48 MB, so that ten threads may swell the process by half a gigabyte.
 * With a quarter of it a stage that does nothing but parse JSON takes a fifth longer; with an eighth, two thirds.
 */
const YOUNG_MB_MAX = 12;
const START_MS_MAX = 30_000;
const END_MS_MAX = 5_000;

export function openSeat({ pipelineModule, outputDir, memoryLimitMb, onTold, onGone }: SeatOptions): Seat {
  const piscina = createPiscina({ pipelineModule, outputDir }, memoryLimitMb);
  let control: MessagePort | undefined;
  let ending: Promise<void> | undefined;
  let told = 0;
  let gone = false;
  const hear = (message: Told): void => {
    told += 1;
    onTold(message);
  };
  const lost = promiseOfLoss();
  const lose = (): void => {
    if (gone) return;
    gone = true;
    control?.close();
    lost.tell();
    onGone(seat);
  };
  piscina.on('message', ({ control: port }: Hello) => {
    control = port;
    port.on('message', hear);
    port.unref();
  });
  piscina.on('workerDestroy', lose);
  // What ends an idle thread has been told by `workerDestroy`; without a listener it would end the process.
  piscina.on('error', (error: unknown) => {
    lost.because(error);
    lose();
  });

  const seat: Seat = {
    start: async () => {
      const asked: Promise<unknown> = piscina.run('ready');
      const answer = await bounded(Promise.race([asked, lost.promise]), START_MS_MAX).catch(rethrowLost);
      // Reason: serve-stages.ts answers 'ready' with nothing else.
      const ready = answer as ReadyAnswer;
      if (ready.kind === 'unusable') throw failureOfThrown(ready.thrown);
    },
    execute: async (order) => {
      told = 0;
      // Reason: serve-stages.ts answers an order with nothing else.
      const answer = (await piscina.run(order).catch(rethrowLost)) as RunAnswer;
      if (control !== undefined) while (told < answer.told && hearWaiting(control, hear));
      return answer;
    },
    abort: (order) => {
      control?.postMessage(order);
    },
    end: () => {
      ending ??= bounded(piscina.destroy(), END_MS_MAX).catch(() => undefined);
      return ending.finally(lose);
    },
    get gone() {
      return gone;
    },
  };
  return seat;
}

/** What a stage said came through another port than its answer, and may still lie there. @returns whether there was any */
function hearWaiting(control: MessagePort, hear: (message: Told) => void): boolean {
  // Reason: stage-runner.ts sends nothing else through this port.
  const waiting = receiveMessageOnPort(control) as { readonly message: Told } | undefined;
  if (waiting !== undefined) hear(waiting.message);
  return waiting !== undefined;
}

interface Loss {
  /** Rejects after tell(), with the error that because() was given, if any. */
  readonly promise: Promise<never>;
  because(error: unknown): void;
  tell(): void;
}

/** Piscina forgets an order that waits for a thread which dies while it starts, and tells of the cause only afterwards. */
function promiseOfLoss(): Loss {
  let cause: unknown = new StageFailure({
    name: 'ExitError',
    message: 'the thread ended while it started',
    reason: 'exit',
  });
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, onLoss) => {
    reject = onLoss;
  });
  promise.catch(() => undefined);
  return {
    promise,
    because: (error) => {
      cause = error;
    },
    tell: () => {
      setImmediate(() => {
        reject(cause);
      });
    },
  };
}

function createPiscina(workerData: ThreadData, memoryLimitMb: number | undefined): Piscina {
  const { path, execArgv } = threadFile('inside-thread');
  return new Piscina({
    filename: path,
    workerData,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: Infinity,
    // Between two stages the thread's event loop must live on: connections it keeps open have to notice their end.
    atomics: 'disabled',
    recordTiming: false,
    execArgv,
    resourceLimits: {
      maxYoungGenerationSizeMb: YOUNG_MB_MAX,
      ...(memoryLimitMb === undefined ? {} : { maxOldGenerationSizeMb: memoryLimitMb }),
    },
  });
}

/** The thread is no more: why, as far as Node tells. */
function rethrowLost(error: unknown): never {
  if (error instanceof StageFailure) throw error;
  const { name, message, stack } = describeThrown(error);
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    throw new StageFailure({
      name: 'OutOfMemoryError',
      message: 'the stage used up the memory of its thread',
      reason: 'memory',
    });
  }
  const exitCode = /^worker exited with code: (-?\d+)$/.exec(message)?.[1];
  if (exitCode !== undefined) {
    const told = `the stage ended its thread with exit code ${exitCode}`;
    throw new StageFailure({ name: 'ExitError', message: told, reason: 'exit' });
  }
  throw new StageFailure({ name, message, stack, reason: 'error' });
}

async function bounded<T>(promise: Promise<T>, msMax: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`a stage thread gave no sign for ${String(msMax / 1000)} s`));
    }, msMax);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
