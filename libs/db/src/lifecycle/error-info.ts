// What is on record of an error, in the contract's words.

export type ErrorReason = 'error' | 'timeout' | 'memory' | 'exit' | 'worker lost';

export interface ErrorEntry {
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  readonly stage: string | null;
  readonly attempt: number;
  readonly worker_name: string | null;
  /** ISO 8601 */
  readonly at: string;
  readonly fingerprint: string;
  readonly reason: ErrorReason;
}

export interface ErrorInfo extends ErrorEntry {
  /** The earlier attempts' errors, oldest first. */
  readonly previous: readonly ErrorEntry[];
}
