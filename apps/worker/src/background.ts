// Work that goes on after its slot is free: settles and acknowledgements. It is counted, so that the end of the process
// waits for it, and what it throws is told, never lost.
import { describeError, sleep, type Logger } from '@jobhive/config';

export interface Background {
  add(work: Promise<void>): void;
  readonly size: number;
  /** Resolves when all is done, also what was added meanwhile, or after the bound; without one only then. */
  settled(boundMs?: number): Promise<void>;
}

export function createBackground(log: Logger): Background {
  const running = new Set<Promise<void>>();
  const allDone = async (): Promise<void> => {
    while (running.size > 0) await Promise.allSettled(running);
  };
  return {
    add: (work) => {
      const done = work
        .catch((error: unknown) => {
          log.event('queue.error', describeError(error));
        })
        .finally(() => running.delete(done));
      running.add(done);
    },
    get size() {
      return running.size;
    },
    settled: (boundMs) => (boundMs === undefined ? allDone() : Promise.race([allDone(), sleep(boundMs)])),
  };
}
