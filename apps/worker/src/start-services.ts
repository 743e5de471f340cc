// Waits until both services stand. A worker without them tries again, at most every two seconds, for as long as it takes;
// in a burst it ends with a clear error. What waiting cannot mend (wrong password, no migrations) is told at once.
import { describeError, sleep, type Logger } from '@jobhive/config';
import { requireServices, type OpenQueue } from '@jobhive/queue';

const AGAIN_MS = 1000;

function isAway(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'postgres_away' || error.code === 'redis_away');
}

/** @returns false where the signal came first */
export async function waitForServices(
  open: OpenQueue,
  options: { patient: boolean; log: Logger },
  shutdown: AbortSignal,
): Promise<boolean> {
  let told = false;
  while (!shutdown.aborted) {
    try {
      await requireServices(open, { redis: true, postgres: true, migrated: true });
      return true;
    } catch (error) {
      if (!options.patient || !isAway(error)) throw error;
      if (!told) options.log.event('service.awaited', describeError(error));
      told = true;
      await sleep(AGAIN_MS, shutdown).catch(() => undefined); // aborted: the loop's condition sees it
    }
  }
  return false;
}
