// The second half of an enqueue: ids, already on record, into Redis within a bound. It never throws for Redis: what did
// not get there is told as not dispatched, and the record says from which place on Redis lacks something, so that the
// reconciler makes it good. What was queued before is looked for: its producer may have died before it pushed.
import { describeError, sleep, type Logger } from '@jobhive/config';
import { RECONCILER_LEASE, type TrackingRepository } from '@jobhive/db';
import { deliver, deliverMissing, type Delivery } from '../delivery/deliver.ts';
import { rebuild } from '../reconcile/rebuild.ts';
import { bounded, type RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';
import { firstPlace, parsePace, type Pace } from './position.ts';

/** Bound of a push, once the first connection stood; a process that just started may dial for longer. */
const PUSH_BOUND_MS = 500;
const FIRST_DIAL_MS = 3000;
const WHOLE_LOOK_MS = 25;
const PAGE = 1000;
/** Waiting jobs up to which a producer makes an emptied Redis whole by itself, where no worker lives to do it. */
const REBUILD_BY_PRODUCER_MAX = 2000;

export interface Pushed {
  readonly dispatched: boolean;
  /** From 1; null where it was in line already or was not dispatched. */
  readonly position: number | null;
}

export interface Pusher {
  push(jobs: readonly Delivery[]): Promise<Pushed[]>;
  /** Of jobs that were queued before: pushes those of which Redis knows nothing though they are ready. @returns those it could not push */
  pushMissing(jobIds: readonly string[]): Promise<ReadonlySet<string>>;
  pace(): Promise<Pace | null>;
}

export interface PusherParts {
  readonly store: RedisStore;
  readonly keys: Keys;
  readonly repository: TrackingRepository;
  readonly log: Logger;
}

type Deliver = (jobs: readonly Delivery[]) => Promise<number[] | null>;

export function createPusher(parts: PusherParts): Pusher {
  const { store, keys, repository, log } = parts;
  const openedAt = performance.now();
  let everReady = false;

  const boundMs = (): number =>
    everReady ? PUSH_BOUND_MS : Math.max(PUSH_BOUND_MS, FIRST_DIAL_MS - (performance.now() - openedAt));
  const ready = async (): Promise<void> => {
    await store.ready(boundMs());
    everReady = true;
  };
  const makeWhole = async (jobs: readonly Delivery[]): Promise<boolean> => {
    if (await repository.isLeaseHeld(RECONCILER_LEASE)) return false; // a worker lives, and does it within two seconds
    const page = await repository.waitingPage(0, REBUILD_BY_PRODUCER_MAX + 1);
    if (page.length > REBUILD_BY_PRODUCER_MAX) return false;
    await rebuild(parts, { untold: new Set(jobs.map((job) => job.jobId)) });
    return true;
  };
  const tryPush = async (jobs: readonly Delivery[], how: Deliver): Promise<Pushed[] | null> => {
    await ready();
    const positions = await bounded(store, PUSH_BOUND_MS, how(jobs));
    if (positions === null) return null;
    return positions.map((position) => ({ dispatched: true, position: position === 0 ? null : position }));
  };
  /** Redis was emptied, or is new: made whole here, or by a worker which is at it and may be done at once. */
  const pushOnceWhole = async (jobs: readonly Delivery[], how: Deliver): Promise<Pushed[] | null> => {
    if (await makeWhole(jobs)) return lookUp(parts, jobs);
    const until = performance.now() + PUSH_BOUND_MS;
    while (performance.now() < until) {
      await sleep(WHOLE_LOOK_MS);
      if ((await tryPush(jobs, how)) !== null) return lookUp(parts, jobs);
    }
    return null;
  };
  const push = async (jobs: readonly Delivery[], how: Deliver): Promise<Pushed[]> => {
    try {
      const pushed = (await tryPush(jobs, how)) ?? (await pushOnceWhole(jobs, how));
      if (pushed !== null) return pushed;
      log.event('queue.delivery_failed', { ids: jobs.length, reason: 'redis_not_whole' });
    } catch (error) {
      log.event('queue.delivery_failed', { ids: jobs.length, ...describeError(error) });
    }
    await repository.markRedisBehind(firstPlace(jobs));
    return jobs.map(() => ({ dispatched: false, position: null }));
  };
  return {
    push: (jobs) => push(jobs, (some) => deliver(store, keys, some)),
    pushMissing: async (jobIds) => {
      const standings = await repository.standings(await unknownToRedis(parts, jobIds));
      const jobs = [...standings.values()].filter((standing) => standing.ready);
      if (jobs.length === 0) return new Set();
      const pushed = await push(jobs, (some) => deliverMissing(store, keys, some, true));
      return new Set(jobs.filter((_, i) => pushed[i]?.dispatched !== true).map((job) => job.jobId));
    },
    pace: () => readPace(parts),
  };
}

/** Ids without an entry; all of them where Redis does not tell it at once. */
async function unknownToRedis(
  { store, keys, log }: PusherParts,
  jobIds: readonly string[],
): Promise<readonly string[]> {
  if (!store.isReady) return jobIds;
  const unknown: string[] = [];
  try {
    for (let at = 0; at < jobIds.length; at += PAGE) {
      const page = jobIds.slice(at, at + PAGE);
      const asked = store.run((client) => client.hmget(keys.jobs, ...page));
      const entries = await bounded(store, PUSH_BOUND_MS, asked);
      unknown.push(...page.filter((_, i) => entries[i] === null));
    }
    return unknown;
  } catch (error) {
    log.event('queue.error', describeError(error));
    return jobIds;
  }
}

/** The workers' pace, for an estimate only: null where Redis does not tell it at once. */
async function readPace({ store, keys, log }: PusherParts): Promise<Pace | null> {
  if (!store.isReady) return null;
  try {
    return parsePace(
      await bounded(
        store,
        PUSH_BOUND_MS,
        store.run((client) => client.get(keys.pace)),
      ),
    );
  } catch (error) {
    log.event('queue.error', describeError(error));
    return null; // an estimate only
  }
}

/** After a rebuild the jobs are in line: where do they stand? */
async function lookUp({ store, keys }: PusherParts, jobs: readonly Delivery[]): Promise<Pushed[]> {
  const line = await store.run((client) => client.lrange(keys.waiting, 0, -1));
  return jobs.map(({ jobId }) => {
    const index = line.indexOf(jobId);
    return { dispatched: true, position: index < 0 ? null : line.length - index };
  });
}
