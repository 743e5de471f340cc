// The repairs of what decide() has named: each is a script or a transition that can be run twice, is logged, and is counted by
// its reason. It looks at nothing by itself and decides nothing.
import type { Logger, Metrics, ReconcileReason } from '@jobhive/config';
import { createDeadLetterSet, type DeadLetterSet } from '../dead-letters/dead-letter-set.ts';
import { dropFromActive } from '../delivery/acknowledge.ts';
import { deliver, type Delivery } from '../delivery/deliver.ts';
import type { Repair } from './decide.ts';
import { dropGhosts, passLine, passRedisLine, passWholeLine, passWholeRedisLine, type PassParts } from './pass.ts';
import { rebuild } from './rebuild.ts';

/** A row younger than this may be between its commit and its push. */
const IN_FLIGHT_MS = 1000;

export interface RepairParts extends PassParts {
  readonly log: Logger;
  readonly metrics?: Metrics | undefined;
}

export interface Repairs {
  /** @param runId of the Redis that was looked at */
  act(repair: Repair, runId: string): Promise<void>;
  /** What stands in `active` and nobody has claimed: back to its place, but for what is in line by now. */
  returnUnclaimed(jobs: readonly Delivery[]): Promise<void>;
  /** What stood in `active` twice and is settled: out. */
  dropSettled(jobIds: readonly string[]): Promise<void>;
  /** A page of Redis' line and one of the dead letters. */
  slowPage(): Promise<void>;
}

type Count = (reason: ReconcileReason, jobs: number) => void;

function createCount({ log, metrics }: RepairParts): Count {
  return (reason, jobs) => {
    if (jobs === 0) return;
    metrics?.reconciledTotal.inc({ reason }, jobs);
    log.event('reconciler.repaired', { reason, jobs });
  };
}

/** The comparisons that go on for ever, a page at a time, each from where its last page ended. */
function createRolling(parts: RepairParts, deadLetters: DeadLetterSet, count: Count) {
  let seq = 0;
  let place = 0;
  return {
    page: async (): Promise<void> => {
      const page = await passLine(parts, seq, { anyway: false, minAgeMs: IN_FLIGHT_MS, reason: 'not_in_redis' });
      seq = page?.nextSeq ?? 0;
      count('not_in_redis', page?.delivered.length ?? 0);
    },
    slowPage: async (): Promise<void> => {
      const page = await passRedisLine(parts, place);
      place = page.next ?? 0;
      count('settled_in_redis', page.dropped);
      const { missing, ghosts } = await deadLetters.mendPage();
      count('dead_letter_missing', missing);
      count('dead_letter_ghost', ghosts);
    },
  };
}

export function createRepairs(parts: RepairParts): Repairs {
  const { store, keys, repository } = parts;
  const count = createCount(parts);
  const deadLetters = createDeadLetterSet(store, keys, repository);
  const rolling = createRolling(parts, deadLetters, count);

  const wholePass = async (reason: ReconcileReason, ghosts: boolean): Promise<void> => {
    const gone = ghosts ? await dropGhosts(parts) : 0;
    const settled = await passWholeRedisLine(parts);
    const missing = await passWholeLine(parts, 0, { anyway: false, minAgeMs: 0, reason });
    const dead = await deadLetters.mendAll();
    count('settled_in_redis', settled);
    count(reason, (missing ?? 0) + gone);
    count('dead_letter_missing', dead.missing);
    count('dead_letter_ghost', dead.ghosts);
  };
  const fromRecord = async (reason: ReconcileReason): Promise<void> => {
    const { dispatched, dropped, dead_letters } = await rebuild(parts);
    count(reason, dispatched);
    count('settled_in_redis', dropped);
    count('dead_letter_missing', dead_letters);
  };
  const passFrom = async (reason: ReconcileReason, fromSeq: number): Promise<void> => {
    const marks = await repository.redisBehindMarks();
    const missing = await passWholeLine(parts, fromSeq, { anyway: false, minAgeMs: 0, reason });
    count(reason, missing ?? 0);
    if (missing === 0) await repository.markRedisCaughtUp(fromSeq + 1, marks);
  };
  return {
    act: async (repair, runId) => {
      switch (repair.kind) {
        case 'rebuild':
          await fromRecord(repair.reason);
          return repository.markRedisRunId(runId);
        case 'whole_pass':
          await wholePass(repair.reason, repair.ghosts);
          return repository.markRedisRunId(runId);
        case 'pass_from':
          return passFrom(repair.reason, repair.fromSeq);
        case 'rolling_page':
          return rolling.page();
      }
    },
    returnUnclaimed: async (jobs) => {
      if (jobs.length === 0) return;
      const positions = await deliver(store, keys, jobs);
      if (positions === null) return; // the repair of what Redis lost comes first
      const returned = jobs.filter((_, i) => positions[i] !== 0).map((job) => job.jobId);
      await repository.markDelivered(returned, 'active_unclaimed');
      count('active_unclaimed', returned.length);
    },
    dropSettled: async (jobIds) => {
      if (jobIds.length > 0) count('settled_in_redis', await dropFromActive(store, keys, jobIds));
    },
    slowPage: () => rolling.slowPage(),
  };
}
