// A claim: the right to work on one job, proved by its token until the lease ends or the job is settled.

/** The posting as a pipeline sees it. Times are ISO 8601. */
export interface Posting {
  readonly id: string;
  readonly source: string;
  readonly external_id: string;
  readonly title: string;
  readonly company: string;
  readonly location: string | null;
  readonly url: string | null;
  readonly description: string | null;
  readonly posted_at: string | null;
}

/** What is on record of a finished stage, under its name in `stage_outputs`. */
export interface StageCheckpoint {
  readonly output: unknown;
  readonly attempt: number;
  readonly version: number;
  readonly duration_ms: number;
  readonly at: string;
  /** Names of files that the stage wrote, and the token under which it did. */
  readonly files?: readonly string[];
  readonly token?: string;
}

export interface Claim {
  readonly jobId: string;
  readonly token: string;
  readonly attempt: number;
  readonly retryAfterCount: number;
  readonly job: Posting;
  readonly stageOutputs: Readonly<Record<string, StageCheckpoint>>;
  readonly errorInfo: unknown;
  /** Time from ready to claimed, in milliseconds; null where it is unknown. */
  readonly waitedMs: number | null;
}

/**
 * What a claim was answered with: `won`; `not_yours` (settled, taken, or gone: drop the entry); `not_due` (a retry's time
 * has not come: drop the entry, it comes again); `paused` (back to the head); `alone` (its last attempt ended with its
 * worker: ask again once nothing else runs).
 */
export type ClaimAnswer =
  | { readonly verdict: 'won'; readonly claim: Claim }
  | { readonly verdict: 'not_yours' | 'not_due' | 'paused' | 'alone' };
