// What is asked of the pool for one stage of one job, and what it answers with when all went well.
import type { JobPosting, StageLogLevel } from '../pipeline/stage.ts';

export interface StageTask {
  readonly stage: string;
  readonly job: JobPosting;
  /** Outputs of the stages before, by name. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly attempt: number;
  /** The claim's; unfinished documents bear it. */
  readonly token: string;
  /** First removes what other claims of the job left unfinished in OUTPUT_DIR before this time (epoch ms); undefined: nothing. */
  readonly removesBeforeMs: number | undefined;
  /** Counted from when the stage begins in its thread. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number, text: string) => void;
  readonly onLog: (level: StageLogLevel, message: string, fields: Readonly<Record<string, unknown>>) => void;
}

export interface StageResult {
  /** A JSON text of at most 1 MiB. */
  readonly outputJson: string;
  /** Names of the documents written, in the order of their first writing. */
  readonly files: readonly string[];
  readonly durationMs: number;
}
