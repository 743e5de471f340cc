/**
 * The evidence by job: its claims as its history tells them, and what of the ledger belongs to it. The history is replayed by
 * rules written here from the contract alone; where a step is impossible, or row and history disagree, law 7 is broken.
 */
import type { Enqueued, Event, Evidence, LedgerLine, Row } from './evidence.ts';
import { broken, type Violation } from './violation.ts';

/** One claim, from `claimed` to the event that ended it. */
export interface Claim {
  readonly jobId: string;
  readonly attempt: number;
  readonly worker: string;
  readonly fromMs: number;
  toMs: number;
  /** Undefined while it is open. */
  end: Event | undefined;
  readonly finished: Event[];
}

/** Where a job stood, as its history tells; the last has no end. */
export interface Stint {
  readonly status: string;
  readonly fromMs: number;
  toMs: number;
}

export interface Story {
  readonly jobId: string;
  readonly enqueued: Enqueued | undefined;
  readonly row: Row;
  readonly events: readonly Event[];
  readonly claims: readonly Claim[];
  readonly stints: readonly Stint[];
  readonly ledger: readonly LedgerLine[];
  readonly faults: readonly Violation[];
}

const MADE_BY_CLAIM = ['processed', 'failed', 'cancelled', 'retry_scheduled', 'given_back', 'worker_lost'];
const WITHOUT_MOVE = ['updated', 'closed', 'stale_write_refused'];
const AFTER: Readonly<Record<string, string>> = {
  retry_scheduled: 'queued',
  given_back: 'queued',
  worker_lost: 'queued',
  processed: 'processed',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** What an operator, or a producer, leads back to the beginning: attempts count anew. */
const AFRESH: Readonly<Record<string, { readonly from: readonly string[]; readonly to: string }>> = {
  queued: { from: ['discovered', 'cancelled'], to: 'queued' },
  retried: { from: ['failed'], to: 'queued' },
  cleared: { from: ['queued'], to: 'discovered' },
};

export function tellStories(evidence: Evidence): Story[] {
  const enqueued = new Map(evidence.enqueued.map((one) => [one.jobId, one]));
  const events = groupBy(evidence.events, (event) => event.jobId);
  const ledger = groupBy(evidence.ledger, (line) => line.job);
  return evidence.rows.map((row) => {
    const mine = events.get(row.jobId) ?? [];
    return {
      jobId: row.jobId,
      enqueued: enqueued.get(row.jobId),
      row,
      events: mine,
      ledger: ledger.get(row.jobId) ?? [],
      ...replay(row, mine),
    };
  });
}

interface Replay {
  status: string;
  spent: number;
  before: Event | undefined;
  readonly claims: Claim[];
  readonly stints: Stint[];
  readonly faults: Violation[];
}

function replay(row: Row, events: readonly Event[]): Pick<Story, 'claims' | 'stints' | 'faults'> {
  const state: Replay = { status: 'none', spent: 0, before: undefined, claims: [], stints: [], faults: [] };
  for (const event of events) {
    const wrong = step(state, event);
    if (wrong !== undefined) state.faults.push(broken(7, `${event.event} ${wrong}`, event.jobId, event.atMs));
    state.before = event;
  }
  const { status, spent, claims, stints, faults } = state;
  if (status !== row.status)
    faults.push(broken(7, `the row says ${row.status}, its history ${status}`, row.jobId, events.at(-1)?.atMs));
  const ended = claims.at(-1)?.end?.event;
  const attempt = ended === 'processed' ? spent + 1 : spent;
  if (ended !== undefined && row.attempt !== attempt)
    faults.push(broken(4, `the row counts ${String(row.attempt)} attempts, its history ${String(attempt)}`, row.jobId));
  return { claims, stints, faults };
}

/** @returns what is wrong with the step, and takes it all the same */
function step(state: Replay, event: Event): string | undefined {
  if (WITHOUT_MOVE.includes(event.event)) return undefined;
  if (event.event === 'dispatched') return state.status === 'queued' ? undefined : `while ${state.status}`;
  if (event.event === 'discovered') return move(state, event, 'discovered', ['none']);
  const afresh = AFRESH[event.event];
  if (afresh !== undefined) {
    state.spent = 0;
    return move(state, event, afresh.to, afresh.from);
  }
  if (event.event === 'discarded') return move(state, event, 'cancelled', ['failed']);
  if (event.event === 'claimed') return begin(state, event);
  if (event.event === 'stage_finished') return finish(state, event);
  if (MADE_BY_CLAIM.includes(event.event)) return end(state, event);
  return 'is not expected in a run of this kind';
}

function move(state: Replay, { atMs }: Event, to: string, from: readonly string[]): string | undefined {
  const was = state.status;
  state.status = to;
  const left = state.stints.at(-1);
  if (left !== undefined) left.toMs = atMs;
  state.stints.push({ status: to, fromMs: atMs, toMs: Infinity });
  return from.includes(was) ? undefined : `from ${was}`;
}

function begin(state: Replay, event: Event): string | undefined {
  const { jobId, attempt, worker, atMs } = event;
  const wrong = move(state, event, 'processing', ['queued']);
  state.claims.push({
    jobId,
    attempt,
    worker: worker ?? '',
    fromMs: atMs,
    toMs: Infinity,
    end: undefined,
    finished: [],
  });
  if (wrong !== undefined) return wrong;
  return attempt === state.spent + 1 ? undefined : `as attempt ${String(attempt)} after ${String(state.spent)} spent`;
}

function finish({ status, claims }: Replay, event: Event): string | undefined {
  const claim = claims.at(-1);
  if (status !== 'processing' || claim === undefined) return `while ${status}`;
  claim.finished.push(event);
  return notOf(claim, event);
}

function end(state: Replay, event: Event): string | undefined {
  const { before } = state;
  const after = AFTER[event.event] ?? '';
  // What ended with its worker, or was given back, and does not go on: two events of one transition.
  const follows =
    ['worker_lost', 'given_back'].includes(before?.event ?? '') && ['failed', 'cancelled'].includes(event.event);
  if (follows || (event.event === 'cancelled' && state.status === 'queued'))
    return move(state, event, after, ['queued']);
  const claim = state.claims.at(-1);
  if (claim !== undefined) Object.assign(claim, { end: event, toMs: event.atMs });
  const unspent = event.event === 'given_back' || event.event === 'processed' || event.reason === 'retry_after';
  if (!unspent) state.spent = event.attempt;
  return move(state, event, after, ['processing']) ?? (claim === undefined ? undefined : notOf(claim, event));
}

function notOf(claim: Claim, { worker, attempt }: Event): string | undefined {
  if (worker === claim.worker && attempt === claim.attempt) return undefined;
  return `by ${worker ?? 'nobody'} (attempt ${String(attempt)}) while ${claim.worker} held attempt ${String(claim.attempt)}`;
}

export function groupBy<T>(list: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
