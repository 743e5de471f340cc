/** Those who wait for something to be free, first come first served; each can leave by a signal. */
export interface WaitingLine<T> {
  /** Resolves with what is served; rejects with `left()` on abort, or with what failFirst is given. */
  join(signals: readonly AbortSignal[], left: () => Error): Promise<T>;
  /** Hands `free` to the first in line. @returns false when nobody waits */
  serve(free: T): boolean;
  failFirst(error: Error): void;
  /** How many have waited since then (by performance.now), or longer. */
  waitingSince(ms: number): number;
  readonly length: number;
}

interface Waiter<T> {
  readonly sinceMs: number;
  readonly resolve: (free: T) => void;
  readonly reject: (error: Error) => void;
}

export function createWaitingLine<T>(): WaitingLine<T> {
  // A Set keeps the order, and lets one leave from its middle.
  const line = new Set<Waiter<T>>();
  const shift = (): Waiter<T> | undefined => {
    const [first] = line;
    if (first !== undefined) line.delete(first);
    return first;
  };
  return {
    join: async (signals, left) => {
      let leave: () => void = () => undefined;
      try {
        return await new Promise<T>((resolve, reject) => {
          const waiter = { sinceMs: performance.now(), resolve, reject };
          line.add(waiter);
          leave = () => {
            line.delete(waiter);
            reject(left());
          };
          for (const signal of signals) signal.addEventListener('abort', leave, { once: true });
        });
      } finally {
        for (const signal of signals) signal.removeEventListener('abort', leave);
      }
    },
    serve: (free) => {
      const first = shift();
      first?.resolve(free);
      return first !== undefined;
    },
    failFirst: (error) => {
      shift()?.reject(error);
    },
    waitingSince: (ms) => {
      let count = 0;
      for (const { sinceMs } of line) {
        if (sinceMs > ms) break;
        count += 1;
      }
      return count;
    },
    get length() {
      return line.size;
    },
  };
}
