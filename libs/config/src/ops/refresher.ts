/**
 * Brings values up to date before they are read, and no more often than they are worth: each function runs at most once
 * in 5 s, and never beside itself. Whoever waits, waits at most 2 s. A failure is logged and leaves the last values.
 */
import { describeError } from '../log/describe-error.ts';
import { silentLogger, type Logger } from '../log/logger.ts';
import { systemClock, type Clock } from '../time/clock.ts';
import { withDeadline } from '../time/deadline.ts';

const INTERVAL_MS = 5_000;
const BOUND_MS = 2_000;

export interface RefresherOptions {
  readonly log?: Logger;
  readonly clock?: Clock;
}

export interface Refresher {
  readonly add: (refresh: () => Promise<void>) => void;
  /** Never rejects. */
  readonly run: () => Promise<void>;
}

export function createRefresher({ log = silentLogger, clock = systemClock }: RefresherOptions): Refresher {
  const refreshes: (() => Promise<void>)[] = [];
  const runBounded = async (refresh: () => Promise<void>): Promise<void> => {
    try {
      await withDeadline(refresh(), BOUND_MS, 'the refresh of the gauges');
    } catch (error) {
      log.event('metrics.refresh_failed', describeError(error));
    }
  };
  return {
    add: (refresh) => void refreshes.push(atMostOnceInInterval(refresh, clock)),
    run: async () => void (await Promise.all(refreshes.map(runBounded))),
  };
}

/** Calls within the interval, or while one runs, share the outcome of the one that runs, or return at once. */
function atMostOnceInInterval(refresh: () => Promise<void>, clock: Clock): () => Promise<void> {
  let begunMs = -Infinity;
  let running: Promise<void> | undefined;
  return () => {
    if (running !== undefined) return running;
    if (clock.monotonicMs() - begunMs < INTERVAL_MS) return Promise.resolve();
    begunMs = clock.monotonicMs();
    running = Promise.resolve()
      .then(refresh)
      .finally(() => (running = undefined));
    return running;
  };
}
