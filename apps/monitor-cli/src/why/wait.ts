// A named wait of a job: what it waited for, and from when to when. The names are a closed list of the contract.

export const WAIT_REASONS = [
  'worker',
  'retry',
  'redis',
  'postgres',
  'paused',
  'rate_limit',
  'deploy',
  'lost_worker',
  'stage',
] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

/** As in the contract's `why` document; `to` is null for the wait that goes on. */
export interface Wait {
  readonly for: WaitReason;
  /** Which stage, which worker, what reason; null where nothing more is known. */
  readonly name: string | null;
  readonly from: string;
  readonly to: string | null;
  readonly ms: number;
}

/** A piece of a job's life before it becomes a document. Times in ms since the epoch; `from` ≤ `to`. */
export interface Span {
  readonly for: WaitReason;
  readonly name: string | null;
  readonly fromMs: number;
  readonly toMs: number;
}
