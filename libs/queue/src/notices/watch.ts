// The duty of notices while no worker leads, every 10 s: of the dashboards and pollers one (a lease) looks whether the queue is
// stuck and clears away; whichever has an address sends what is due. That workers live again each learns at its next look.
// Nobody waits for it but stop(). While Postgres is away it waits, too.
import { randomUUID } from 'node:crypto';
import {
  createSleeper,
  describeError,
  withDeadline,
  type Environment,
  type Logger,
  type Service,
} from '@jobhive/config';
import { PostgresAwayError, RECONCILER_LEASE } from '@jobhive/db';
import { openNotices, type OpenNoticesParts } from './open-notices.ts';

export interface NoticeWatchParts {
  readonly environment: Environment;
  readonly open: OpenNoticesParts['open'];
  readonly log: Logger;
  readonly everyMs?: number;
}

const LEASE = 'notices_watch';
const EVERY_MS = 10_000;
const LEASE_MS = 30_000;
/** For the last words to Postgres. */
const END_MS = 500;

/** The first look comes after one wait: workers that are started together with this program are there by then. */
export function createNoticeWatch({ environment, open, log, everyMs = EVERY_MS }: NoticeWatchParts): Service {
  const { repository } = open;
  const holder = randomUUID();
  const notices = openNotices({ environment, open, holder, log, watching: true });
  const sleeper = createSleeper();
  let stopped = false;
  let running: Promise<void> | undefined;

  const look = async (): Promise<void> => {
    if (await repository.isLeaseHeld(RECONCILER_LEASE)) return; // a worker lives, and does it
    const leads = (await repository.takeLease(LEASE, holder, LEASE_MS)) !== undefined;
    notices.look({ leads, noticesDue: true, paused: false, waiting: true }); // no tick tells these: it asks for itself
  };
  const run = async (): Promise<void> => {
    for (await sleeper.sleep(everyMs); !stopped; await sleeper.sleep(everyMs)) {
      await look().catch((error: unknown) => {
        if (!(error instanceof PostgresAwayError)) log.event('notice.outbox_failed', describeError(error));
      });
    }
    await repository.leaveLease(LEASE, holder);
  };
  return {
    name: 'notices',
    start: () => {
      running ??= run();
      return Promise.resolve();
    },
    stop: async () => {
      stopped = true;
      sleeper.wake();
      const ended = withDeadline(running ?? Promise.resolve(), END_MS, 'the end of the watch').catch(() => undefined); // the lease ends by itself
      await Promise.all([notices.stop(0), ended]);
    },
  };
}
