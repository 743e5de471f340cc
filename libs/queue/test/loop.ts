// The work loop with a handler that remembers what it was given and holds it until it is let go.
import { createWorkLoop, type WorkLoop } from '../src/delivery/bee-queue.ts';
import { acknowledge } from '../src/delivery/acknowledge.ts';
import type { RedisSide } from './stores.ts';

export interface TestLoop extends WorkLoop {
  /** In the order in which they came. */
  readonly given: string[];
  /** Ends the handlers of these ids, or of all, now and later. */
  release(jobId?: string): void;
}

type Side = Pick<RedisSide, 'store' | 'keys' | 'queueName' | 'log'>;

/** Acknowledges each job as it ends, unless `work` does something else with it. */
export function testLoop(
  side: Side,
  options: { slots?: number; hold?: boolean; work?: (jobId: string) => Promise<void> } = {},
): TestLoop {
  const given: string[] = [];
  const held = new Map<string, () => void>();
  let holding = options.hold === true;
  const end = options.work ?? ((jobId) => acknowledge(side.store, side.keys, [{ jobId, finished: true }], 60));
  const loop = createWorkLoop({
    ...side,
    slots: options.slots ?? 1,
    work: async (jobId) => {
      given.push(jobId);
      if (holding) await new Promise<void>((resolve) => held.set(jobId, resolve));
      await end(jobId);
    },
  });
  return {
    ...loop,
    get idle() {
      return loop.idle;
    },
    get meanMs() {
      return loop.meanMs;
    },
    given,
    release: (jobId) => {
      if (jobId === undefined) holding = false;
      for (const [id, resolve] of held) if (jobId === undefined || id === jobId) resolve();
    },
  };
}

export function jobsInOrder(count: number, fromSeq = 1): { jobId: string; queueSeq: number }[] {
  return Array.from({ length: count }, (_, i) => ({ jobId: `j${String(fromSeq + i)}`, queueSeq: fromSeq + i }));
}
