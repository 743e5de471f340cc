// The face of the record: every transition and question by its name, bound to one database, and nothing else. Who has a
// TrackingRepository can do what the files of transitions/, reads/, leases/ and polling/ do, and no other SQL.
import type { Database, Executor } from './connect/database.ts';
import { historyMinutes, sampleMinutes } from './history/minutes.ts';
import { isLeaseHeld, leaveLease, takeLease } from './leases/named-lease.ts';
import { recordRejected, rejectedPostings } from './polling/rejected.ts';
import { sourceFailed, sourceStates, sourceSucceeded } from './polling/source-state.ts';
import {
  deadLetterGroups,
  deadLetterIds,
  deadLetters,
  deadLetterScores,
  deadLetterScoresOf,
  searchDeadLetters,
  stagesOnRecord,
} from './reads/dead-letters.ts';
import { figures, statusMark } from './reads/figures.ts';
import { findJob, systemEventsSince, timeline } from './reads/find-job.ts';
import { idleFacts, overdueNotices } from './reads/notices.ts';
import { searchJobs } from './reads/search-jobs.ts';
import { jobsAhead, queueStateFacts, serverFacts } from './reads/server-facts.ts';
import { autoEnqueuePage, discoveredPage, redisBehindMarks, standings, waitingPage } from './reads/waiting.ts';
import { cancel } from './transitions/cancel.ts';
import { checkpoint } from './transitions/checkpoint.ts';
import { claim } from './transitions/claim.ts';
import { clear, lastQueueSeq } from './transitions/clear.ts';
import { discard } from './transitions/discard.ts';
import { discover } from './transitions/discover.ts';
import { enqueue } from './transitions/enqueue.ts';
import { expire } from './transitions/expire.ts';
import { extendLeasesAfterOutage, shortenLeasesWithoutSession } from './transitions/extend-leases.ts';
import { noteStuck } from './transitions/make-notice.ts';
import {
  markDelivered,
  markRedisBehind,
  markRedisCaughtUp,
  markRedisRunId,
  recordRedis,
  recordStaleWrite,
  recordSystemEvent,
  setPaused,
} from './transitions/mark.ts';
import { retry } from './transitions/retry.ts';
import { claimNotices, gatherNotices, recordDeliveries, sweepNotices } from './transitions/send-notices.ts';
import { settle } from './transitions/settle.ts';
import { tick } from './transitions/tick.ts';

const transitions = {
  discover,
  enqueue,
  claim,
  checkpoint,
  settle,
  tick,
  expire,
  extendLeasesAfterOutage,
  shortenLeasesWithoutSession,
  retry,
  cancel,
  discard,
  clear,
  markDelivered,
  markRedisBehind,
  markRedisCaughtUp,
  markRedisRunId,
  recordRedis,
  recordStaleWrite,
  recordSystemEvent,
  setPaused,
  noteStuck,
  claimNotices,
  gatherNotices,
  recordDeliveries,
  sweepNotices,
  takeLease,
  leaveLease,
  sourceSucceeded,
  sourceFailed,
  recordRejected,
  sampleMinutes,
};
const reads = {
  findJob,
  timeline,
  systemEventsSince,
  searchJobs,
  figures,
  statusMark,
  deadLetters,
  deadLetterGroups,
  deadLetterIds,
  deadLetterScores,
  deadLetterScoresOf,
  searchDeadLetters,
  stagesOnRecord,
  overdueNotices,
  idleFacts,
  waitingPage,
  standings,
  redisBehindMarks,
  discoveredPage,
  autoEnqueuePage,
  lastQueueSeq,
  serverFacts,
  queueStateFacts,
  jobsAhead,
  isLeaseHeld,
  sourceStates,
  rejectedPostings,
  historyMinutes,
};

type Bound<T> = {
  readonly [Name in keyof T]: T[Name] extends (db: Executor, ...args: infer Args) => infer Result
    ? (...args: Args) => Result
    : never;
};

export type TrackingRepository = Bound<typeof transitions> & Bound<typeof reads>;

function bind(
  db: Database,
  functions: Record<string, (db: Executor, ...args: never[]) => unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(functions).map(([name, run]) => [name, (...args: never[]) => run(db, ...args)]),
  );
}

export function createTrackingRepository(db: Database): TrackingRepository {
  return { ...bind(db, transitions), ...bind(db, reads) } as unknown as TrackingRepository; // each name bound to its own function
}
