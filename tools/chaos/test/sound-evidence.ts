/** The evidence of a small run in which every law held, made by hand: tests doctor it, one fact at a time. */
import type { Event, Evidence, LedgerLine, Row, ToldWaits, WorkerLife } from '../src/evidence.ts';

export const FINE = '00000000-0000-4000-a000-000000000001';
export const RETRIED = '00000000-0000-4000-a000-000000000002';
export const DEAD = '00000000-0000-4000-a000-000000000003';
export const LOST = '00000000-0000-4000-a000-000000000004';
export const STAGES = ['fetch', 'write'];

/** Can be changed, unlike the evidence of a real run. */
export type Doctored = { -readonly [K in keyof Evidence]: Evidence[K] } & {
  enqueued: Evidence['enqueued'][number][];
  rows: Row[];
  events: Event[];
  ledger: LedgerLine[];
  documents: Map<string, string>;
  workers: WorkerLife[];
};

/** A history as a play: `time event attempt worker [stage] [reason]`, `-` for nothing. */
function history(jobId: string, play: string): Event[] {
  return lines(play).map(([atMs, event = '', attempt, worker, stage, reason]) => ({
    jobId,
    atMs: Number(atMs),
    event,
    attempt: Number(attempt),
    worker: worker === '-' || worker === undefined ? null : worker,
    stage: stage === '-' ? undefined : stage,
    reason,
  }));
}

/** What stages wrote: `time what stage attempt worker nonce`. */
function ledger(job: string, play: string): LedgerLine[] {
  return lines(play).map(([at, what = '', stage = '', attempt, worker = '', nonce = '']) => ({
    what,
    job,
    stage,
    attempt: Number(attempt),
    worker,
    key: `${job}/${stage}`,
    nonce,
    at: Number(at),
  }));
}

const lines = (play: string): string[][] =>
  play
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));

function row(jobId: string, status: string, attempt: number, more: Partial<Row> = {}): Row {
  return { jobId, status, attempt, stageOutputs: {}, errorInfo: null, finishedMs: 20_000, ...more };
}

function outputs(fetch: string, write: string): Row['stageOutputs'] {
  return { fetch: { output: { nonce: fetch, saw: [] } }, write: { output: { nonce: write, saw: [fetch] } } };
}

const EVENTS = [
  ...history(
    FINE,
    `0 discovered 0
    1000 queued 0
    2000 claimed 1 w0
    3000 stage_finished 1 w0 fetch
    4000 stage_finished 1 w0 write
    4000 processed 1 w0`,
  ),
  ...history(
    RETRIED,
    `0 discovered 0
    1100 queued 0
    5000 claimed 1 w0
    6000 stage_finished 1 w0 fetch
    6500 retry_scheduled 1 w0 write error
    8000 claimed 2 w1
    9000 stage_finished 2 w1 write
    9000 processed 2 w1`,
  ),
  ...history(
    DEAD,
    `0 discovered 0
    1200 queued 0
    10000 claimed 1 w0
    11000 failed 1 w0 fetch error`,
  ),
  ...history(
    LOST,
    `0 discovered 0
    1300 queued 0
    12000 claimed 1 w1
    13000 stage_finished 1 w1 fetch
    18000 worker_lost 1 w1 write
    18100 claimed 2 w0
    19000 stage_finished 2 w0 write
    19000 processed 2 w0`,
  ),
];

const LEDGER = [
  ...ledger(
    FINE,
    `2100 start fetch 1 w0 a
    2900 end fetch 1 w0 a
    3100 start write 1 w0 b
    3900 end write 1 w0 b`,
  ),
  ...ledger(
    RETRIED,
    `5100 start fetch 1 w0 c
    5900 end fetch 1 w0 c
    6100 start write 1 w0 d
    6400 fail write 1 w0 d
    8100 start write 2 w1 e
    8900 end write 2 w1 e`,
  ),
  ...ledger(DEAD, `10100 start fetch 1 w0 f\n10900 permanent fetch 1 w0 f`),
  ...ledger(
    LOST,
    `12100 start fetch 1 w1 g
    12900 end fetch 1 w1 g
    13100 start write 1 w1 h
    18200 start write 2 w0 i
    18900 end write 2 w0 i`,
  ),
];

function life(name: string, endedMs: number, more: Partial<WorkerLife> = {}): WorkerLife {
  return {
    name,
    side: name === 'w0' ? 0 : 1,
    startedMs: 0,
    endedMs,
    code: 0,
    signal: null,
    termedMs: endedMs - 500,
    killedMs: undefined,
    ...more,
  };
}

/** Waits that follow each other from the first of these times to the last. */
function told(jobId: string, times: readonly number[]): ToldWaits {
  const ends = times.slice(1);
  return { jobId, waits: ends.map((toMs, n) => ({ fromMs: times[n] ?? 0, toMs, ms: toMs - (times[n] ?? 0) })) };
}

export function soundEvidence(): Doctored {
  return structuredClone({
    leaseMs: 5000,
    graceMs: 3000,
    retriesMax: 3,
    stages: STAGES,
    enqueued: [FINE, RETRIED, DEAD, LOST].map((jobId, n) => ({
      jobId,
      calledMs: 990 + n * 100,
      answeredMs: 1010 + n * 100,
      dispatched: true,
    })),
    calls: [],
    rows: [
      row(FINE, 'processed', 1, { stageOutputs: outputs('a', 'b') }),
      row(RETRIED, 'processed', 2, { stageOutputs: outputs('c', 'e') }),
      row(DEAD, 'failed', 1, { errorInfo: { reason: 'error' }, finishedMs: 11_000 }),
      row(LOST, 'processed', 2, { stageOutputs: outputs('g', 'i') }),
    ],
    events: EVENTS,
    ledger: LEDGER,
    documents: new Map([
      [FINE, 'b'],
      [RETRIED, 'e'],
      [LOST, 'i'],
    ]),
    strangers: [],
    leftovers: [],
    redis: {
      waiting: [],
      active: [],
      entries: [],
      whole: true,
      deadLetters: new Map([[DEAD, 11_010]]),
      lasting: ['jobhive:whole', 'failed_jobs'],
      leaky: [],
    },
    leakyLogs: [],
    leakyMetrics: [],
    workers: [
      life('w0', 30_000),
      life('w1', 13_500, { code: null, signal: 'SIGKILL', termedMs: undefined, killedMs: 13_500 }),
    ],
    absences: [{ worker: 'w1', why: 'killed', fromMs: 13_500, toMs: Infinity }],
    outages: [],
    faults: [{ kind: 'worker-kill', lane: 'kill', fromMs: 13_500, toMs: 13_500, inFlight: 1, waiting: 0 }],
    taken: new Map(),
    handovers: [],
    awaited: [],
    leasesMovedMs: [],
    waits: [told(FINE, [1000, 2000, 4000]), told(RETRIED, [1100, 5000, 6000, 6500, 8000, 9000])],
    overdue: [],
  });
}
