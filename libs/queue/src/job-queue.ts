// The face of libs/queue for whoever enqueues, watches or mends: each act and each question by name, in the words and
// shapes of the contract (snake_case documents). The worker's loop is delivery/, not here.
import type { DeadLetter, DeadLetterGroup, ErrorInfo, RetryFrom, Status } from '@jobhive/db';
import type { StatusDocument, WorkerRow } from './measure/status.ts';

/** What an enqueue is answered with, one for each id. */
export interface EnqueueResult {
  readonly job_id: string;
  /** Place in line from 1; null where it was not dispatched, or stood in line before. */
  readonly queue_position: number | null;
  /** Seconds; null when unknown. */
  readonly estimated_wait_time: number | null;
  readonly dispatched: boolean;
  readonly already_queued: boolean;
}

export interface Progress {
  readonly done: number;
  /** Null while it is not known. */
  readonly total: number | null;
}

export interface LongWork {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export type DeadLetterSelection =
  | { readonly all: true }
  | { readonly jobId: string }
  | { readonly jobIds: readonly string[] }
  | { readonly fingerprint: string };

export interface RetryOptions extends LongWork {
  readonly from?: RetryFrom | undefined;
  /** Who asks, for the history. */
  readonly by: string;
  /** Tell what would be retried, and do nothing. */
  readonly dryRun?: boolean | undefined;
  /** Jobs a minute; the call waits between them. */
  readonly ratePerMinute?: number | undefined;
}

export interface RetryResult {
  readonly retried: number;
  readonly job_ids: string[];
  /** All of them are in line; false where Redis lacks some yet, and in a dry run. */
  readonly dispatched: boolean;
}

export interface JobQueue {
  /**
   * All of them or none. @param by who asks, for the history, where a person does
   * @throws JobNotFoundError, WrongStatusError, RateLimitedError, PostgresAwayError
   */
  enqueueJobs(jobIds: readonly string[], by?: string): Promise<EnqueueResult[]>;
  enqueueJob(jobId: string): Promise<EnqueueResult>;
  /**
   * All that is discovered (`auto`: only what the poller inserted under auto-enqueue), in order of discovery. Waits for the
   * enqueue budget; `onEnqueued` gets the results page by page. @returns how many were queued now
   */
  enqueueDiscovered(
    options: LongWork & { auto: boolean; by?: string; onEnqueued?: (results: readonly EnqueueResult[]) => void },
  ): Promise<number>;
  /** @throws WrongStatusError (not failed), JobNotFoundError (unknown id or fingerprint) */
  retry(selection: DeadLetterSelection, options: RetryOptions): Promise<RetryResult>;
  /** Names of stages that `--from-stage` may name: those on record of the selected dead letters. */
  stagesOf(selection: DeadLetterSelection): Promise<string[]>;
  cancel(jobId: string, by: string): Promise<{ job_id: string; status: Status }>;
  discard(jobId: string, by: string): Promise<{ job_id: string; status: Status }>;
  /** @throws RedisAwayError before anything is changed */
  clear(by: string, work?: LongWork): Promise<{ cleared: number }>;
  pause(by: string): Promise<{ paused: boolean }>;
  resume(by: string): Promise<{ paused: boolean }>;
  rebuild(work?: LongWork & { by?: string }): Promise<{ dispatched: number; dropped: number; dead_letters: number }>;
  /** Needs Postgres; with Redis away it says so in the document. */
  status(): Promise<StatusDocument>;
  /** @returns what answers the same to who asks again and again, without counting all each time */
  watchStatus(): () => Promise<StatusDocument>;
  /** @throws RedisAwayError */
  workers(): Promise<WorkerRow[]>;
  failedList(limit: number): Promise<DeadLetter[]>;
  failedGroups(): Promise<DeadLetterGroup[]>;
  failedShow(jobId: string): Promise<{ job_id: string; failed_at: string; error_info: ErrorInfo | null }>;
}
