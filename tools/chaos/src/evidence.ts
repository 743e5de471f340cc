/**
 * All that the judge looks at, as plain data: what was asked for, what both stores, the documents and the ledger say afterwards,
 * and what was done to the system meanwhile. Times are milliseconds of this machine's clock, which Postgres shares.
 */

/** A producer's call for one job; asked again until it was answered. */
export interface Enqueued {
  readonly jobId: string;
  readonly calledMs: number;
  readonly answeredMs: number;
  /** What the first answer said; undefined where the answer was lost and a later call learnt that it was done. */
  readonly dispatched: boolean | undefined;
}

export type WhatAsked = 'enqueue' | 'cancel' | 'retry' | 'retry_all' | 'discard' | 'clear' | 'pause' | 'resume';

/** Every call is to end within this, whatever is away (contract: 15 s), with some for a machine under load. */
export const CALL_MS_MAX = 20_000;

/** An operator's call. */
export interface Call {
  readonly what: WhatAsked;
  readonly side: Side;
  /** Empty where it is not of single jobs. */
  readonly jobIds: readonly string[];
  readonly calledMs: number;
  readonly answeredMs: number;
  /** `refused`: as it was told, the job does not stand where that is possible. `unknown`: it failed, and may have been done. */
  readonly answer: 'done' | 'refused' | 'unknown';
  /** Where the answer says that the job stands; of `cancel` only. */
  readonly status: string | undefined;
}

export interface Row {
  readonly jobId: string;
  readonly status: string;
  readonly attempt: number;
  readonly stageOutputs: Readonly<Record<string, { readonly output: StageOutput | null }>>;
  readonly errorInfo: { readonly reason?: string } | null;
  readonly finishedMs: number | null;
}

export interface StageOutput {
  readonly nonce: string;
  /** Nonces of the stages before it, in order, as this run saw them. */
  readonly saw: readonly string[];
}

export interface Event {
  readonly jobId: string;
  readonly atMs: number;
  readonly event: string;
  readonly attempt: number;
  readonly worker: string | null;
  readonly stage: string | undefined;
  readonly reason: string | undefined;
}

/** As pipelines/chaos.mjs writes it; `what` is start, end, or the name of an act. */
export interface LedgerLine {
  readonly what: string;
  readonly job: string;
  readonly stage: string;
  readonly attempt: number;
  readonly worker: string;
  readonly key: string;
  readonly nonce: string;
  readonly at: number;
}

export interface RedisState {
  readonly waiting: readonly string[];
  readonly active: readonly string[];
  readonly entries: readonly string[];
  readonly whole: boolean;
  readonly deadLetters: ReadonlyMap<string, number>;
  /** Keys without an expiry. */
  readonly lasting: readonly string[];
  /** Keys that hold words of a posting. */
  readonly leaky: readonly string[];
}

/** Half of the workers reach the stores by one way, half by the other. */
export type Side = 0 | 1;

/** One worker process, from start to end. */
export interface WorkerLife {
  readonly name: string;
  /** By which of the two ways it reaches the stores. */
  readonly side: Side;
  readonly startedMs: number;
  endedMs: number | undefined;
  code: number | null;
  signal: NodeJS.Signals | null;
  /** When it was asked to end in order, or killed by a fault. */
  termedMs: number | undefined;
  killedMs: number | undefined;
}

/** A time in which a worker could not renew its claims: `toMs` is infinite for a dead one. */
export interface Absence {
  readonly worker: string;
  readonly why: string;
  readonly fromMs: number;
  toMs: number;
}

export interface Injected {
  readonly kind: string;
  readonly lane: string;
  readonly fromMs: number;
  toMs: number;
  /** In the hands of workers, and in line, when it began. */
  readonly inFlight: number;
  readonly waiting: number;
}

/** A time in which a store did not answer some or all, or answered late, by what was done to it. */
export interface Outage {
  readonly store: 'redis' | 'postgres';
  /** Whom it does not answer; undefined: nobody. */
  readonly side: Side | undefined;
  /** `slow`: it answers, late. That excuses no attempt and no run, only some time. */
  readonly how: 'away' | 'slow';
  readonly fromMs: number;
  toMs: number;
}

/** A time in which an id was seen in the list of those that workers have taken, from the first look at it to the last. */
export interface Sighting {
  /** The last look at which it did not stand there. */
  readonly afterMs: number;
  readonly fromMs: number;
  toMs: number;
}

/** When the comparing of the stores was seen in other hands than before, and whose they were before, where that is known. */
export interface Handover {
  readonly atMs: number;
  readonly from: string | undefined;
}

/** From `atMs` a worker has a job that it will claim once nothing runs beside it. */
export interface Awaited {
  readonly jobId: string;
  readonly worker: string;
  readonly atMs: number;
}

/** What `why` tells of one job, once all is over; `toMs` is null where it is told to go on. */
export interface ToldWaits {
  readonly jobId: string;
  readonly waits: readonly { readonly fromMs: number; readonly toMs: number | null; readonly ms: number }[];
}

export interface Evidence {
  readonly leaseMs: number;
  readonly graceMs: number;
  readonly retriesMax: number;
  readonly stages: readonly string[];
  readonly enqueued: readonly Enqueued[];
  /** What operators asked for besides; empty in a run without them. */
  readonly calls: readonly Call[];
  readonly rows: readonly Row[];
  /** In the order of their ids. */
  readonly events: readonly Event[];
  readonly ledger: readonly LedgerLine[];
  /** Content of OUTPUT_DIR/JOB_ID-note.txt. */
  readonly documents: ReadonlyMap<string, string>;
  /** Other visible files of OUTPUT_DIR. */
  readonly strangers: readonly string[];
  /** Jobs with unfinished documents left. */
  readonly leftovers: readonly string[];
  readonly redis: RedisState;
  /** Logs that hold words of a posting. */
  readonly leakyLogs: readonly string[];
  /** Workers in whose metrics there are words of a posting. */
  readonly leakyMetrics: readonly string[];
  readonly workers: readonly WorkerLife[];
  readonly absences: readonly Absence[];
  readonly outages: readonly Outage[];
  readonly faults: readonly Injected[];
  /** By job, in order of time, as Redis was looked at. */
  readonly taken: ReadonlyMap<string, readonly Sighting[]>;
  readonly handovers: readonly Handover[];
  /** Jobs that were lost with a worker before, and that another took to run them alone, as it says. */
  readonly awaited: readonly Awaited[];
  /** When a worker said that it moved all leases on, since nobody had reached Postgres for a while. */
  readonly leasesMovedMs: readonly number[];
  /** Of some jobs, evenly spread. */
  readonly waits: readonly ToldWaits[];
  /** Problems of law 6 seen while it ran: calls that outlived their bound, jobs not settled in time. */
  readonly overdue: readonly string[];
}

export const POSTING_WORD = 'quincunx';
