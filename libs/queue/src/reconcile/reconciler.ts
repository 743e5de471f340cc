// Closes the gaps between the two stores. Run with each tick of the worker that holds the named lease: one look at Redis,
// O(1) unless something differs; a decision; repairs, each logged, counted by its reason, and on the job's timeline.
// Two at once do no harm: every repair is a script or a transition that can be run twice.
import type { Clock } from '@jobhive/config';
import type { TickAnswer } from '@jobhive/db';
import { awaitedOf } from '../delivery/awaited.ts';
import { peek } from '../delivery/peek.ts';
import { addsUp, createSecondLook, decide, UNCLAIMED_AGAIN_MS } from './decide.ts';
import { lookAtActive } from './pass.ts';
import { createRepairs, type RepairParts } from './repair.ts';

/** How often the slow comparisons (Redis' line against Postgres, dead letters) take a page. */
const SLOW_LOOK_MS = 5000;

export interface Reconciler {
  /**
   * One look. @param tick what the tick of this process has just learnt
   * @returns after how many milliseconds another would decide about what this one saw first; null where none is needed for that
   */
  look(tick: Pick<TickAnswer, 'waiting' | 'redisBehind' | 'redisRunId'>): Promise<number | null>;
  /**
   * A job that a worker has in hand, and whose claim is refused by now. Where the record says that it waits (Postgres crashed, and forgot a
   * claim that it had answered) its id goes back to its place at once, rather than at the looks of whoever compares the stores. What another
   * worker waits to run alone stays with that one.
   */
  returnForgotten(jobId: string): Promise<void>;
}

export interface ReconcilerParts extends RepairParts {
  readonly clock: Clock;
}

export function createReconciler(parts: ReconcilerParts): Reconciler {
  const { store, keys, clock } = parts;
  const repairs = createRepairs(parts);
  const unclaimedTwice = createSecondLook(UNCLAIMED_AGAIN_MS);
  const settledTwice = createSecondLook();
  let mismatchSinceMs: number | null = null;
  let slowLookAtMs = -Infinity;
  let activePlace = 0;

  const mendActive = async (nowMs: number): Promise<number | null> => {
    const { unclaimed, awaited, settled, next } = await lookAtActive(parts, activePlace);
    activePlace = next ?? 0;
    const ids = unclaimed.map((job) => job.jobId);
    const lost = unclaimedTwice(ids, nowMs, { endsRound: next === null, notYet: awaited });
    const over = settledTwice(settled, nowMs, { endsRound: next === null });
    const returned = new Set(lost.ripe);
    await repairs.returnUnclaimed(unclaimed.filter((job) => returned.has(job.jobId)));
    await repairs.dropSettled(over.ripe);
    return lost.nextMs;
  };
  const forget = (nowMs: number): null => {
    for (const twice of [unclaimedTwice, settledTwice]) twice([], nowMs);
    activePlace = 0;
    return null;
  };
  return {
    look: async (tick) => {
      const nowMs = clock.monotonicMs();
      const seen = await peek(store, keys);
      mismatchSinceMs = addsUp(seen) ? null : (mismatchSinceMs ?? nowMs);
      const facts = { ...tick, peek: seen, knownRunId: tick.redisRunId, mismatchSinceMs, nowMs };
      const needed = decide(facts);
      for (const repair of needed) {
        await repairs.act(repair, seen.runId);
        if (repair.kind === 'whole_pass') mismatchSinceMs = null;
      }
      // A rebuild takes its time, in which workers have taken more, and may have died.
      const { active } = needed.some(({ kind }) => kind !== 'rolling_page') ? await peek(store, keys) : seen;
      const againMs = active > 0 ? await mendActive(clock.monotonicMs()) : forget(nowMs);
      if (nowMs - slowLookAtMs >= SLOW_LOOK_MS) {
        slowLookAtMs = nowMs;
        await repairs.slowPage();
      }
      return againMs;
    },
    returnForgotten: async (jobId) => {
      const standing = (await parts.repository.standings([jobId])).get(jobId);
      if (standing?.ready !== true || (await awaitedOf(store, keys, [jobId])).has(jobId)) return;
      await repairs.returnUnclaimed([{ jobId, queueSeq: standing.queueSeq }]);
    },
  };
}
