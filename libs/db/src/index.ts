export { cleanText } from './connect/clean.ts';
export { openDatabase, type Database, type DatabaseOptions } from './connect/database.ts';
export { groupCommit, type GroupCommit } from './connect/group-commit.ts';
export { failureKind, type FailureKind } from './connect/outage.ts';
export type { HistoryMinute, Sampled } from './history/minutes.ts';
export { createSessionLock, type SessionLock } from './leases/session-lock.ts';
export type { Claim, ClaimAnswer, Posting, StageCheckpoint } from './lifecycle/claim.ts';
export type { ErrorEntry, ErrorInfo, ErrorReason } from './lifecycle/error-info.ts';
export {
  DatabaseError,
  JobNotFoundError,
  NotMigratedError,
  PostgresAwayError,
  PostgresDeniedError,
  RateLimitedError,
  StaleClaimError,
  WrongStatusError,
  type DatabaseErrorCode,
} from './lifecycle/errors.ts';
export { NOTICE_ENDS, NOTICE_KINDS, type Notice, type NoticeEnd, type NoticeKind } from './lifecycle/notice.ts';
export type { Outcome, SettledAs, StageRecord } from './lifecycle/outcome.ts';
export {
  isStatus,
  JOB_EVENTS,
  MOVES,
  STATUSES,
  SYSTEM_EVENTS,
  type JobEvent,
  type Status,
  type SystemEvent,
} from './lifecycle/status.ts';
export { assertMigrated, migrate, pendingMigrations } from './migrate.ts';
export type { RejectedPosting } from './polling/rejected.ts';
export type { SourceState } from './polling/source-state.ts';
export type { DeadLetter, DeadLetterCursor, DeadLetterGroup, DeadLetterScore } from './reads/dead-letters.ts';
export type { Figures } from './reads/figures.ts';
export type { JobRecord, SystemEntry, TimelineEntry } from './reads/find-job.ts';
export type { JobRow } from './reads/job-row.ts';
export type { JobPage, JobSearch } from './reads/search-jobs.ts';
export type { IdleFacts } from './reads/notices.ts';
export { JOBS_AHEAD_MAX, type LongTransaction, type QueueStateFacts, type ServerFacts } from './reads/server-facts.ts';
export type { Standing, WaitingJob } from './reads/waiting.ts';
export { createTrackingRepository, type TrackingRepository } from './tracking-repository.ts';
export type { CancelAnswer } from './transitions/cancel.ts';
export type { CheckpointAsk, WriteVerdict } from './transitions/checkpoint.ts';
export type { ClaimAsk, Holder } from './transitions/claim.ts';
export type { DiscardAnswer } from './transitions/discard.ts';
export type { Discovered, NewPosting } from './transitions/discover.ts';
export type { EnqueueAnswer, EnqueueAsk, EnqueueVerdict } from './transitions/enqueue.ts';
export type { Expired } from './transitions/expire.ts';
export type { RetryAnswer, RetryFrom } from './transitions/retry.ts';
export { NOTICE_LEASE, type Delivery as NoticeDelivery, type NoticeClaim } from './transitions/send-notices.ts';
export type { SettleAsk, Settled } from './transitions/settle.ts';
export {
  RECONCILER_LEASE,
  type DueJob,
  type HeldClaim,
  type RenewVerdict,
  type TickAnswer,
} from './transitions/tick.ts';
