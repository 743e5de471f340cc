/**
 * The one life-cycle of every long-running part, and several of them together: up in order, down in reverse. A start
 * that fails stops what was begun and gives the first error. A stop is asked of every part, whatever the others do, and
 * all of it ends within the bound; what did not stop in time is logged and left behind.
 */
import type { Logger } from '../log/logger.ts';
import { describeError } from '../log/describe-error.ts';
import { systemClock } from '../time/clock.ts';
import { withDeadline } from '../time/deadline.ts';

export interface Service {
  readonly name: string;
  /** Resolves once it works. A part that could not start throws, and can still be stopped. */
  start(): Promise<void>;
  /** Bounded, and may be called twice, or on a part that never started; waits for what the part began. */
  stop(): Promise<void>;
}

/** What a failed start may take to undo itself. */
const UNDO_BOUND_MS = 5_000;
/** Kept free for each part still to be stopped, however long the one before it takes. */
const RESERVE_MS = 500;

export async function startInOrder(services: readonly Service[], log: Logger): Promise<void> {
  const begun: Service[] = [];
  for (const service of services) {
    begun.push(service);
    try {
      await service.start();
    } catch (error) {
      log.event('service.start_failed', { service: service.name, ...describeError(error) });
      await stopInReverse(begun, { boundMs: UNDO_BOUND_MS }, log);
      throw error;
    }
    log.event('service.started', { service: service.name });
  }
}

/** Stops all within `boundMs`; logs what failed or was too slow, and never rejects. */
export async function stopInReverse(
  services: readonly Service[],
  bound: { boundMs: number },
  log: Logger,
): Promise<void> {
  const endMs = systemClock.monotonicMs() + bound.boundMs;
  const reserveMs = Math.min(RESERVE_MS, bound.boundMs / (2 * Math.max(1, services.length)));
  for (const [index, service] of [...services.entries()].reverse()) {
    const leftMs = endMs - systemClock.monotonicMs() - index * reserveMs;
    await stopOne(service, Math.max(reserveMs, leftMs), log);
  }
}

async function stopOne(service: Service, allowedMs: number, log: Logger): Promise<void> {
  try {
    await withDeadline(Promise.resolve(service.stop()), allowedMs, `the stop of ${service.name}`);
    log.event('service.stopped', { service: service.name });
  } catch (error) {
    log.event('service.stop_failed', { service: service.name, ...describeError(error) });
  }
}
