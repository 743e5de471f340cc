/**
 * Waiting that ends: a sleep lasts at least its time unless it is aborted, and leaves no timer and no listener behind.
 * A sleeper's sleep can also be woken; a wake that finds nobody asleep is kept for the next sleep, so none is lost.
 * A sleep keeps the process alive. Times above the timers' limit (24.8 days) are cut to it.
 */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** Rejects with `signal.reason` when aborted, at once where it already was. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return createSleeper().sleep(ms, signal);
}

export interface Sleeper {
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Ends every present sleep early, or makes the next one return at once. */
  wake(): void;
}

export function createSleeper(): Sleeper {
  const sleeping = new Set<() => void>();
  let woken = false;
  return {
    wake() {
      if (sleeping.size === 0) woken = true;
      for (const rise of sleeping) rise();
    },
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        // An abort reason is whatever the caller chose; it is handed on as it is.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        if (signal?.aborted) return reject(signal.reason);
        if (woken) {
          woken = false;
          return resolve();
        }
        const leave = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', abort);
          sleeping.delete(rise);
        };
        const rise = (): void => {
          leave();
          resolve();
        };
        const abort = (): void => {
          leave();
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
          reject(signal?.reason);
        };
        const timer = setTimeout(rise, Math.min(Math.max(ms, 0), TIMER_MAX_MS));
        signal?.addEventListener('abort', abort, { once: true });
        sleeping.add(rise);
      });
    },
  };
}
