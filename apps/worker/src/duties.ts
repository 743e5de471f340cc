// What a worker does for the queue as a whole after each tick: retries that are due stand at the head, claims that ran out
// are expired and delivered again, orphans are given back, leases of dead sessions are shortened; and, while it holds the
// named lease, the comparing of the stores. Each is harmless when two workers do it at once. Redis away stops none of what
// Postgres alone needs; only expiry leaves it to those who can read what was left behind in Redis, and, where it is away for
// everybody, waits a minute for it.
import { describeError, type Clock, type Logger, type Metrics } from '@jobhive/config';
import type { Expired, TickAnswer, TrackingRepository } from '@jobhive/db';
import {
  leftClaims,
  listWorkers,
  type DeadLetterSet,
  type Keys,
  type Pusher,
  type Reconciler,
  type RedisStore,
} from '@jobhive/queue';
import { giveBack } from './give-back.ts';
import type { May } from './tick.ts';
import { createRedisOutage, type RedisOutage } from './redis-outage.ts';

const PACE_EVERY_MS = 5000;
const PACE_KEPT_SECONDS = 60;
/** Redis away for everybody for so long: what was left behind there is waited for no longer. */
const LEFT_WAIT_MS = 60_000;

export interface Duties {
  /** What follows from one tick. Never rejects. */
  follow(answer: TickAnswer, may: May): Promise<void>;
}

export interface DutiesParts {
  readonly repository: TrackingRepository;
  readonly store: RedisStore;
  readonly keys: Keys;
  readonly pusher: Pusher;
  readonly deadLetters: DeadLetterSet;
  readonly reconciler: Pick<Reconciler, 'look'>;
  /** Has the next tick come so soon. */
  readonly tickIn: (ms: number) => void;
  readonly leaseMs: number;
  readonly retriesMax: number;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export function createDuties(parts: DutiesParts): Duties {
  const { repository, store, reconciler, clock, log } = parts;
  let outage: RedisOutage | undefined;
  let comparing: Promise<void> | undefined;
  let paceAtMs = -Infinity;
  let redisAwaySinceMs: number | undefined;

  const guarded = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      log.event('reconciler.failed', describeError(error));
    }
  };
  const shorten = async (): Promise<void> => {
    await repository.shortenLeasesWithoutSession(parts.leaseMs);
  };
  const expireOverdue = async (leads: boolean): Promise<void> => {
    const waitedMs = clock.monotonicMs() - (redisAwaySinceMs ?? Infinity);
    const left = (await leftClaims(store, parts.keys)) ?? (leads && waitedMs >= LEFT_WAIT_MS ? [] : undefined);
    if (left !== undefined) await expireBut(parts, left);
  };
  const lead = async (answer: TickAnswer): Promise<void> => {
    outage ??= createRedisOutage(repository);
    await outage.look(store.isReady);
    if (!store.isReady) return;
    const againMs = await reconciler.look(answer);
    if (againMs !== null) parts.tickIn(againMs);
    if (answer.processing === 0 || clock.monotonicMs() - paceAtMs < PACE_EVERY_MS) return;
    paceAtMs = clock.monotonicMs();
    await tellPace(parts);
  };
  return {
    follow: async (answer, may) => {
      const work = [guarded(deliverDue(parts, answer)), guarded(giveBack(parts, answer.orphans, 'postgres_away'))];
      redisAwaySinceMs = store.isReady ? undefined : (redisAwaySinceMs ?? clock.monotonicMs());
      if (answer.overdue && may.expire) work.push(guarded(expireOverdue(answer.leads)));
      const othersWork = answer.processing > answer.renewed.size;
      if (othersWork && may.shorten) work.push(guarded(shorten()));
      if (!answer.leads) outage = undefined; // what another tells meanwhile is not known here
      if (answer.leads && comparing === undefined) {
        comparing = guarded(lead(answer)).finally(() => {
          comparing = undefined;
        }); // a rebuild may take longer than a tick; the tick does not wait for it
      }
      await Promise.all(work);
    },
  };
}

async function deliverDue({ pusher, repository, store }: DutiesParts, { due }: TickAnswer): Promise<void> {
  if (due.length === 0 || !store.isReady) return;
  const pushed = await pusher.push(due);
  const there = due.filter((_, i) => pushed[i]?.dispatched === true).map((job) => job.jobId);
  await repository.markDelivered(there, 'due');
}

async function expireBut(parts: DutiesParts, left: readonly string[]): Promise<void> {
  const { repository, store, pusher, deadLetters } = parts;
  const expired = await repository.expire(left, parts.retriesMax);
  if (expired.length === 0) return;
  tellExpired(parts, expired);
  const queued = expired.filter((job) => job.status === 'queued');
  if (queued.length > 0) await pusher.push(queued);
  const failed = expired.filter((job) => job.status === 'failed');
  if (failed.length > 0 && store.isReady) {
    await deadLetters.add(await repository.deadLetterScoresOf(failed.map((job) => job.jobId)));
  }
}

function tellExpired({ log, metrics }: DutiesParts, expired: readonly Expired[]): void {
  for (const job of expired) {
    log.event(job.spent ? 'job.worker_lost' : 'job.given_back', {
      job_id: job.jobId,
      attempt: job.attempt,
      lost_worker: job.workerName ?? undefined,
      status: job.status,
    });
    metrics.attemptsTotal.inc({ outcome: outcomeOf(job) });
    metrics.jobsTotal.inc({ status: job.status });
    if (job.status === 'failed') {
      const { jobId, attempt, fingerprint } = job;
      log.event('job.failed', { job_id: jobId, attempt, reason: 'worker lost', fingerprint: fingerprint ?? undefined });
    }
  }
}

/** As `attempts_total` names it. The worker itself, should it live, counts the same attempt as stale. */
function outcomeOf({ status, spent }: Expired): string {
  if (status !== 'queued') return status;
  return spent ? 'retried' : 'given_back';
}

/** Slots and mean time of all living workers, for the estimates of producers. */
async function tellPace({ store, keys, leaseMs }: DutiesParts): Promise<void> {
  const workers = (await listWorkers(store, keys)).filter((worker) => worker.ageMs < leaseMs);
  const slots = workers.reduce((sum, worker) => sum + worker.slots, 0);
  const means = workers.flatMap((worker) => (worker.meanMs === null ? [] : [worker.meanMs]));
  if (slots === 0 || means.length === 0) return;
  const meanMs = means.reduce((sum, mean) => sum + mean, 0) / means.length;
  await store.run((client) => client.set(keys.pace, `${String(slots)} ${meanMs.toFixed(3)}`, 'EX', PACE_KEPT_SECONDS));
}
