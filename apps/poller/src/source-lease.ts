// The named lease of one source: of several pollers one polls it, the others stand by. It is trusted from the moment it
// was asked for. It does not stop a poll that is under way when it is lost: two polls at once insert nothing twice, they
// only ask the source twice.
import { describeError, sleep, type Logger } from '@jobhive/config';
import type { TrackingRepository } from '@jobhive/db';

export interface SourceLease {
  /** Takes or renews it. @returns whether it is held */
  take(): Promise<boolean>;
  /** Renews it while `work` runs. */
  keepDuring<T>(work: () => Promise<T>): Promise<T>;
  /** Lets another take it at once. Never rejects: it runs out by itself. */
  leave(): Promise<void>;
}

export const LEASE_MS = 15_000;
export const RENEW_MS = 5_000;

export interface LeaseParts {
  readonly repository: Pick<TrackingRepository, 'takeLease' | 'leaveLease'>;
  /** This process, as a uuid. */
  readonly holder: string;
  readonly log: Logger;
  readonly renewMs?: number;
}

export function createSourceLease(
  source: string,
  { repository, holder, log, renewMs = RENEW_MS }: LeaseParts,
): SourceLease {
  const name = `poll:${source}`;
  let asked = false;
  const take = async (): Promise<boolean> => {
    asked = true;
    return (await repository.takeLease(name, holder, LEASE_MS)) !== undefined;
  };
  const tell =
    (act: string) =>
    (error: unknown): void =>
      log.debug(`lease of a source not ${act}`, { lease: name, ...describeError(error) });
  const renewUntil = async (done: AbortSignal): Promise<void> => {
    while (!done.aborted) {
      await sleep(renewMs, done).catch(() => undefined); // woken because the work is done
      if (!done.aborted) await take().catch(tell('renewed'));
    }
  };
  return {
    take,
    keepDuring: async (work) => {
      const done = new AbortController();
      const renewing = renewUntil(done.signal);
      try {
        return await work();
      } finally {
        done.abort();
        await renewing;
      }
    },
    leave: async () => {
      if (!asked) return;
      await repository.leaveLease(name, holder).catch(tell('left'));
    },
  };
}
