// Closes the gaps between the two stores. Run once a second by the worker that holds the named lease: one look at Redis,
// O(1) unless something differs; a decision; repairs, each logged, counted by its reason, and on the job's timeline.
// Two at once do no harm: every repair is a script or a transition that can be run twice.
import type { Clock, Logger, Metrics, ReconcileReason } from '@jobhive/config';
import type { TickAnswer } from '@jobhive/db';
import { createDeadLetterSet } from '../dead-letters/dead-letter-set.ts';
import { drop } from '../delivery/acknowledge.ts';
import { deliver } from '../delivery/deliver.ts';
import { peek } from '../delivery/peek.ts';
import { addsUp, createSecondLook, decide, type Repair } from './decide.ts';
import {
  dropGhosts,
  lookAtActive,
  passLine,
  passRedisLine,
  passWholeLine,
  passWholeRedisLine,
  type PassParts,
} from './pass.ts';
import { rebuild } from './rebuild.ts';

/** A row younger than this may be between its commit and its push. */
const IN_FLIGHT_MS = 1000;
/** How often the slow comparisons (Redis' line against Postgres, dead letters) take a page. */
const SLOW_LOOK_MS = 5000;

export interface Reconciler {
  /** One look. @param tick what the tick of this process has just learnt */
  look(tick: Pick<TickAnswer, 'waiting' | 'redisBehind' | 'redisRunId'>): Promise<void>;
}

export interface ReconcilerParts extends PassParts {
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics?: Metrics | undefined;
}

export function createReconciler(parts: ReconcilerParts): Reconciler {
  const { store, keys, repository, log, clock, metrics } = parts;
  const deadLetters = createDeadLetterSet(store, keys, repository);
  const unclaimedTwice = createSecondLook();
  const settledTwice = createSecondLook();
  let mismatchSinceMs: number | null = null;
  let rollingSeq = 0;
  let rollingPlace = 0;
  let slowLookAtMs = 0;

  const count = (reason: ReconcileReason, jobs: number): void => {
    if (jobs === 0) return;
    metrics?.reconciledTotal.inc({ reason }, jobs);
    log.event('reconciler.repaired', { reason, jobs });
  };
  const wholePass = async (reason: ReconcileReason, ghosts: boolean): Promise<void> => {
    const gone = ghosts ? await dropGhosts(parts) : 0;
    const settled = await passWholeRedisLine(parts);
    const missing = await passWholeLine(parts, 0, { anyway: false, minAgeMs: 0, reason });
    await deadLetters.mendAll();
    count('settled_in_redis', settled);
    count(reason, (missing ?? 0) + gone);
  };
  const rollingPage = async (): Promise<void> => {
    const page = await passLine(parts, rollingSeq, { anyway: false, minAgeMs: IN_FLIGHT_MS, reason: 'not_in_redis' });
    rollingSeq = page?.nextSeq ?? 0;
    count('not_in_redis', page?.delivered.length ?? 0);
  };
  const act = async (repair: Repair, runId: string): Promise<void> => {
    switch (repair.kind) {
      case 'rebuild':
        count(repair.reason, Math.max(1, (await rebuild(parts)).dispatched));
        await repository.markRedisRunId(runId);
        return;
      case 'whole_pass':
        await wholePass(repair.reason, repair.ghosts);
        await repository.markRedisRunId(runId);
        mismatchSinceMs = null;
        return;
      case 'pass_from': {
        const missing = await passWholeLine(parts, repair.fromSeq, {
          anyway: false,
          minAgeMs: 0,
          reason: repair.reason,
        });
        count(repair.reason, missing ?? 0);
        if (missing === 0) await repository.markRedisCaughtUp(repair.fromSeq + 1);
        return;
      }
      case 'rolling_page':
        return rollingPage();
    }
  };
  const mendActive = async (nowMs: number): Promise<void> => {
    const { unclaimed, settled } = await lookAtActive(parts);
    const lost = new Set(
      unclaimedTwice(
        unclaimed.map((job) => job.jobId),
        nowMs,
      ),
    );
    const again = unclaimed.filter((job) => lost.has(job.jobId));
    await deliver(store, keys, again);
    await repository.markDelivered([...lost], 'active_unclaimed');
    count('active_unclaimed', again.length);
    const over = settledTwice(settled, nowMs);
    count('settled_in_redis', over.length > 0 ? await drop(store, keys, over) : 0);
  };
  const slowLook = async (): Promise<void> => {
    const page = await passRedisLine(parts, rollingPlace);
    rollingPlace = page.next ?? 0;
    count('settled_in_redis', page.dropped);
    const { missing, ghosts } = await deadLetters.mendPage();
    count('dead_letter_missing', missing);
    count('dead_letter_ghost', ghosts);
  };

  return {
    look: async (tick) => {
      const nowMs = clock.monotonicMs();
      const seen = await peek(store, keys);
      mismatchSinceMs = addsUp(seen) ? null : (mismatchSinceMs ?? nowMs);
      const facts = { ...tick, peek: seen, knownRunId: tick.redisRunId, mismatchSinceMs, nowMs };
      for (const repair of decide(facts)) await act(repair, seen.runId);
      if (seen.active > 0) await mendActive(nowMs);
      if (nowMs - slowLookAtMs < SLOW_LOOK_MS) return;
      slowLookAtMs = nowMs;
      await slowLook();
    },
  };
}
