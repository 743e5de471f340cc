// What main thread and stage threads say to each other: plain data that can be cloned.
import type { MessagePort } from 'node:worker_threads';
import type { JobPosting, StageInfo, StageLogLevel } from '../pipeline/stage.ts';
import type { Thrown } from './thrown.ts';

/** What every stage thread is started with. */
export interface ThreadData {
  readonly pipelineModule: string | undefined;
  readonly outputDir: string;
}

/** One run of one stage. `runId` is unique in the process. */
export interface RunOrder {
  readonly runId: number;
  readonly stage: string;
  readonly job: JobPosting;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly attempt: number;
  readonly token: string;
  readonly removesBeforeMs: number | undefined;
}

/** `told` counts what the run said on the control port, so that the main thread misses none of it. */
export type RunAnswer =
  | {
      readonly kind: 'done';
      readonly outputJson: string;
      readonly files: readonly string[];
      readonly durationMs: number;
      readonly told: number;
    }
  | { readonly kind: 'thrown'; readonly thrown: Thrown; readonly noSpace: boolean; readonly told: number };

/** Asked of a fresh thread once: whether its pipeline is loaded. */
export type ReadyAnswer = { readonly kind: 'ready' } | { readonly kind: 'unusable'; readonly thrown: Thrown };

/** Thread to main, once, through its parent port: here is the port for everything else. */
export interface Hello {
  readonly control: MessagePort;
}

/** Main to thread. */
export interface AbortOrder {
  readonly runId: number;
  readonly name: 'TimeoutError' | 'AbortError';
  readonly message: string;
}

/** Thread to main, while a stage runs. `left_over` concerns a stage that had already returned. */
export type Told =
  | { readonly kind: 'progress'; readonly runId: number; readonly fraction: number; readonly text: string }
  | {
      readonly kind: 'log';
      readonly runId: number;
      readonly level: StageLogLevel;
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: 'left_over';
      readonly jobId: string | undefined;
      readonly stage: string | undefined;
      readonly thrown: Thrown;
    };

/** What the thread that checks a pipeline says. */
export type CheckAnswer = { readonly stages: readonly StageInfo[] } | { readonly reason: string };
