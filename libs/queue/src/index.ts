export { errorInfo, fingerprintOf, type AttemptFailure } from './attempt/error-info.ts';
export { judgeOutcome, type RunEnd, type StopCause } from './attempt/judge-outcome.ts';
export { retryDelaySeconds, type RetryPolicy } from './attempt/retry-schedule.ts';
export { createDeadLetterSet, type DeadLetterSet } from './dead-letters/dead-letter-set.ts';
export { acknowledge, type Acknowledgement } from './delivery/acknowledge.ts';
export { createWorkLoop, type Handler, type WorkLoop } from './delivery/bee-queue.ts';
export { whileAwaited } from './delivery/awaited.ts';
export { deliver, putBack, type Delivery } from './delivery/deliver.ts';
export { peek, type Peek } from './delivery/peek.ts';
export type { Pushed, Pusher } from './dispatch/push.ts';
export { QueueError, RedisAwayError, RedisDeniedError, WorkerNameTakenError, type QueueErrorCode } from './errors.ts';
export { isJobId, normaliseJobId } from './job-id.ts';
export type { DeadLetterSelection, EnqueueResult, JobQueue, LongWork, Progress, RetryOptions } from './job-queue.ts';
export { createHistoryKeeper, keepHistory, type HistoryKeeper, type HistoryKeeperParts } from './measure/history.ts';
export type { StatusDocument, WorkerRow } from './measure/status.ts';
export { openNotices, type Notices } from './notices/open-notices.ts';
export { createNoticeWatch } from './notices/watch.ts';
export { openQueue, requireServices, WORKER_CONNECTIONS_MAX, type OpenOptions, type OpenQueue } from './open-queue.ts';
export { createReconciler, type Reconciler } from './reconcile/reconciler.ts';
export { openRedis, type RedisStore } from './redis/connect.ts';
export { keysOf, type Keys } from './redis/keys.ts';
export { leaveClaims, leftClaims } from './workers/left-claims.ts';
export {
  listWorkers,
  registerWorker,
  type RegisteredWorker,
  type Registration,
  type WorkerReport,
} from './workers/registry.ts';
export { listenForSignals, signalLook } from './workers/signals.ts';
