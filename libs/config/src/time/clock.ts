/**
 * The two clocks of a process. `now` is the wall clock: it may step, and is only shown. `monotonicMs` never goes back:
 * it measures, and bounds how long something is trusted. Neither decides leases or order: the database's clock does.
 */
export interface Clock {
  now(): Date;
  /** Milliseconds since some fixed point in the past, with decimals. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};
