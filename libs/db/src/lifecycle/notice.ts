// What a notice is, as values: its kinds and ends, closed lists, and what is sent of it.

/**
 * - `dead_letter`: a job failed for good
 * - `stuck`: jobs wait, and nothing is taken
 * - `burst`: many jobs failed with one fingerprint in a short time, told of together
 */
export const NOTICE_KINDS = ['dead_letter', 'stuck', 'burst'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** How a notice ends: the receiver took it, nobody was to be told but the log, or it was too old at last. */
export const NOTICE_ENDS = ['delivered', 'logged', 'given_up'] as const;
export type NoticeEnd = (typeof NOTICE_ENDS)[number];

export interface Notice {
  /** Order of making; of one job's notices the order in which they are sent. */
  readonly seq: number;
  /** The same in every delivery. */
  readonly id: string;
  readonly kind: NoticeKind;
  readonly jobId: string | null;
  readonly fingerprint: string | null;
  readonly at: Date;
  /** Deliveries that were tried before. */
  readonly attempts: number;
  /** Of a burst: how many jobs' notices it stands for, and the first of their ids. */
  readonly gathered: { readonly count: number; readonly jobIds: readonly string[] } | null;
}
