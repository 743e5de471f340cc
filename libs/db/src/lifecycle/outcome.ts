// How an attempt ends, as a value. settle() writes the first four, giveBack() the fifth, nobody the sixth.
import type { ErrorInfo } from './error-info.ts';

/** The output of a stage, on its way to the record. */
export interface StageRecord {
  readonly stage: string;
  /** A JSON text of at most 1 MiB. */
  readonly outputJson: string;
  readonly attempt: number;
  readonly version: number;
  readonly durationMs: number;
  readonly files: readonly string[];
  /** Later stages whose outputs were made from what this one made before: their records go. */
  readonly outdates: readonly string[];
}

export type Outcome =
  | { readonly kind: 'processed'; readonly last: StageRecord | undefined }
  | {
      readonly kind: 'retry';
      readonly delaySeconds: number;
      readonly spendsAttempt: boolean;
      readonly error: ErrorInfo;
    }
  | { readonly kind: 'failed'; readonly error: ErrorInfo }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'given_back'; readonly reason: 'shutdown' | 'no_space' | 'no_thread' | 'postgres_away' }
  | { readonly kind: 'stale' };

export type SettledAs = 'processed' | 'retry' | 'failed' | 'cancelled' | 'given_back';
