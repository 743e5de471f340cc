/**
 * What the author of a pipeline writes against: a module whose default export is a non-empty array of stages. Only what
 * stands here is promised to a stage; README.md of this app is the guide.
 */

/** The posting, a copy of its own for each stage. */
export interface JobPosting {
  readonly id: string;
  readonly source: string;
  readonly external_id: string;
  readonly title: string;
  readonly company: string;
  readonly location: string | null;
  readonly url: string | null;
  /** HTML or text, as the source gave it. */
  readonly description: string | null;
  /** ISO 8601 */
  readonly posted_at: string | null;
}

export type StageLogLevel = 'debug' | 'info' | 'warn' | 'error';

export type StageLog = Readonly<
  Record<StageLogLevel, (message: string, fields?: Readonly<Record<string, unknown>>) => void>
>;

export interface StageFiles {
  /**
   * Writes `JOB_ID-name` into `OUTPUT_DIR`, to be seen there once the stage is on record.
   *
   * @param name a plain file name, at most 200 bytes
   * @returns the path at which the document will be found
   * @throws PermanentError when the name is none
   */
  write(name: string, data: string | Uint8Array): Promise<string>;
}

/** What a stage is given. `progress`, `log` and `files` are dead once the stage has returned. */
export interface StageContext {
  readonly job: JobPosting;
  /** The outputs of the stages before this one, by their names. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** From 1. */
  readonly attempt: number;
  /** Names this stage of this job, the same in every attempt: for whatever outside takes an idempotency key. */
  readonly effectKey: string;
  /** Aborted at the timeout, a cancel or a shutdown; a second later the thread is ended. */
  readonly signal: AbortSignal;
  /** How far the stage is, from 0 to 1, and in words. */
  progress(fraction: number, text?: string): void;
  readonly log: StageLog;
  readonly files: StageFiles;
}

export interface Stage {
  /** Letters, digits, `_` and `-`; unique in the pipeline. */
  readonly name: string;
  /** A positive whole number, 1 by default. A changed one makes finished jobs' stages run again from here. */
  readonly version?: number;
  /** Seconds for one run, besides what is left of `RQ_JOB_TIMEOUT`. */
  readonly timeoutSeconds?: number;
  /** Returns JSON of at most 1 MiB, or a promise of it; `undefined` becomes null. */
  run(context: StageContext): unknown;
}

/** What the main thread knows of a stage. */
export interface StageInfo {
  readonly name: string;
  readonly version: number;
  readonly timeoutSeconds: number | undefined;
}
