// Waits until what a worker needs at its start stands. A worker without it tries again, at most every two seconds, for as
// long as it takes; in a burst it ends with a clear error. What waiting cannot mend (wrong password, no migrations, a name
// that is taken) is told at once.
import { describeError, sleep, type Logger } from '@jobhive/config';
import { requireServices, type OpenQueue } from '@jobhive/queue';

const AGAIN_MS = 1000;

export interface Patience {
  /** Tries again while a service is away; else the first failure is the last. */
  readonly patient: boolean;
  readonly log: Logger;
}

function isAway(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'postgres_away' || error.code === 'redis_away');
}

/** Asks until it is answered. @returns undefined where the signal came first */
export async function untilThere<T>(
  ask: () => Promise<T>,
  { patient, log }: Patience,
  shutdown: AbortSignal,
): Promise<T | undefined> {
  let told = false;
  while (!shutdown.aborted) {
    try {
      return await ask();
    } catch (error) {
      if (error === shutdown.reason) return undefined;
      if (!patient || !isAway(error)) throw error;
      if (!told) log.event('service.awaited', describeError(error));
      told = true;
      await sleep(AGAIN_MS, shutdown).catch(() => undefined); // aborted: the loop's condition sees it
    }
  }
  return undefined;
}

/** @returns false where the signal came first */
export async function waitForServices(open: OpenQueue, patience: Patience, shutdown: AbortSignal): Promise<boolean> {
  const ask = async (): Promise<true> => {
    await requireServices(open, { redis: true, postgres: true, migrated: true });
    await warnOfEviction(open, patience.log);
    return true;
  };
  return (await untilThere(ask, patience, shutdown)) ?? false;
}

/** What Redis evicts is found and delivered again, but late; somebody should mend the setting. */
async function warnOfEviction({ redis }: OpenQueue, log: Logger): Promise<void> {
  const { maxmemory_policy: policy } = await redis.info('memory');
  if (policy !== undefined && policy !== 'noeviction') log.event('redis.may_evict', { where: redis.where, policy });
}
