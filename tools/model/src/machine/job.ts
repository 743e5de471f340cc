/**
 * A job's row and its transitions, as pure functions: row and asker in, row, events and verdict out. They are written after
 * libs/db/src/transitions and contract.md, one for each, with each guard under its rule. A pipeline has two stages: the first
 * is checkpointed, the last one's output rides in the settle.
 */
import { RETRIES_MAX, type Rules } from './rules.ts';

export type Status = 'discovered' | 'queued' | 'processing' | 'processed' | 'failed' | 'cancelled';
export type Settlement = 'processed' | 'retry' | 'retry_after' | 'failed' | 'cancelled' | 'given_back';

/**
 * Whose token stands on the row: nobody's; a worker's that has it in hand; a worker's whose lease ran out in an outage; one
 * that its living process does not hold (`orphan`); a dead process's (`gone`); one left behind in good order (`left`).
 */
export type Token = 'none' | 'held' | 'lapsed' | 'orphan' | 'gone' | 'left';

export interface Job {
  readonly status: Status;
  readonly attempt: number;
  readonly token: Token;
  /** What the token was settled as, while somebody still holds it. */
  readonly settledAs: Settlement | null;
  readonly firstStageDone: boolean;
  /** Queued for a later time. */
  readonly delayed: boolean;
  readonly cancelWanted: boolean;
  /** Where its entry stands in Redis. */
  readonly place: 'none' | 'line' | 'active';
}

export interface Event {
  readonly event: string;
  readonly attempt: number;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Change<Verdict = 'done'> {
  readonly verdict: Verdict;
  readonly job: Job;
  readonly events: readonly Event[];
}

export const DISCOVERED: Job = {
  status: 'discovered',
  attempt: 0,
  token: 'none',
  settledAs: null,
  firstStageDone: false,
  delayed: false,
  cancelWanted: false,
  place: 'none',
};

const told = (event: string, attempt: number, detail: Event['detail'] = {}): Event => ({ event, attempt, detail });
const unchanged = <V>(job: Job, verdict: V): Change<V> => ({ verdict, job, events: [] });

/** @param own the row bears the asker's token */
export function claim(job: Job, own: boolean, rules: Rules): Change<'won' | 'not_yours' | 'not_due'> {
  const repeated = own && job.status === 'processing';
  if (repeated && rules.claimAskedTwiceCountsOnce) return unchanged(job, 'won');
  const refused = own && !repeated && rules.claimRefusesSettledToken;
  const free = job.status === 'queued' || (job.status === 'processing' && (repeated || !rules.claimTakesQueuedOnly));
  if (!free || refused) return unchanged(job, 'not_yours');
  if (job.delayed && rules.claimWaitsForDue) return unchanged(job, 'not_due');
  const attempt = job.attempt + 1;
  return {
    verdict: 'won',
    job: { ...job, status: 'processing', attempt, token: 'held', settledAs: null, delayed: false },
    events: [told('claimed', attempt)],
  };
}

/** The first stage's output goes on record. */
export function checkpoint(job: Job, own: boolean, rules: Rules): Change<'done' | 'already' | 'stale'> {
  const held = job.status === 'processing' && (own || !rules.checkpointFenced);
  if (!held) return unchanged(job, 'stale');
  if (job.firstStageDone && rules.checkpointAskedTwiceWritesOnce) return unchanged(job, 'already');
  const events = [told('stage_finished', job.attempt, { stage: 'first', version: 1 })];
  return { verdict: 'done', job: { ...job, firstStageDone: true }, events };
}

const EVENT_OF: Readonly<Record<Settlement, string>> = {
  processed: 'processed',
  retry: 'retry_scheduled',
  retry_after: 'retry_scheduled',
  failed: 'failed',
  cancelled: 'cancelled',
  given_back: 'given_back',
};
const REASON_OF: Partial<Record<Settlement, string>> = { retry_after: 'retry_after', given_back: 'shutdown' };

export function settle(job: Job, own: boolean, as: Settlement, rules: Rules): Change<'done' | 'already' | 'stale'> {
  const here = job.status === 'processing' || !rules.settleInProcessingOnly;
  if (!here || (!own && rules.settleFenced)) return unchanged(job, own && job.settledAs === as ? 'already' : 'stale');
  const back = as === 'retry' || as === 'retry_after' || as === 'given_back';
  const cancelled = back && job.cancelWanted && rules.cancelSticks;
  const status = cancelled ? 'cancelled' : back ? 'queued' : as;
  const unspent = as === 'retry_after' || (as === 'given_back' && rules.giveBackIsUnspent);
  const delayed = status === 'queued' && as !== 'given_back';
  return {
    verdict: 'done',
    job: { ...job, status, attempt: job.attempt - (unspent ? 1 : 0), settledAs: as, delayed },
    events: rules.settleTellsIt
      ? [told(cancelled ? 'cancelled' : EVENT_OF[as], job.attempt, { reason: REASON_OF[as] ?? 'error' })]
      : [],
  };
}

/** The lease of a claim ran out. */
export function expire(job: Job, rules: Rules): Change {
  const spent = !(job.token === 'left' && rules.leftIsUnspent);
  const last = spent && job.attempt > RETRIES_MAX && rules.expireEndsAfterLastAttempt;
  const status = job.cancelWanted && rules.cancelSticks ? 'cancelled' : last ? 'failed' : 'queued';
  const counts = spent && rules.expireSpends;
  const events = [
    told(spent ? 'worker_lost' : 'given_back', job.attempt, { reason: spent ? 'worker lost' : 'shutdown' }),
  ];
  if (status !== 'queued') events.push(told(status, job.attempt));
  return {
    verdict: 'done',
    job: {
      ...job,
      status,
      attempt: job.attempt - (counts ? 0 : 1),
      token: rules.expireClearsToken ? 'none' : job.token,
      settledAs: null,
      delayed: false,
    },
    events: rules.expireTellsIt ? events : [],
  };
}

function fresh(job: Job, rules: Rules): Job {
  const cancelWanted = job.cancelWanted && !rules.freshForgetsCancel;
  return { ...job, status: 'queued', attempt: 0, token: 'none', settledAs: null, delayed: false, cancelWanted };
}

/** By operators and producers: what each does where it does anything, undefined where it is refused or changes nothing. */
export function enqueue(job: Job, rules: Rules): Change | undefined {
  const taken = job.status === 'processing' && !rules.enqueueSparesProcessing;
  if (job.status !== 'discovered' && job.status !== 'cancelled' && !taken) return undefined;
  return { verdict: 'done', job: fresh(job, rules), events: [told('queued', 0)] };
}

export function retry(job: Job, from: 'last_good' | 'start', rules: Rules): Change | undefined {
  if (job.status !== 'failed') return undefined;
  const firstStageDone = job.firstStageDone && from === 'last_good';
  return { verdict: 'done', job: { ...fresh(job, rules), firstStageDone }, events: [told('retried', 0, { from })] };
}

export function cancel(job: Job): Change | undefined {
  if (job.status === 'processing' && !job.cancelWanted)
    return { verdict: 'done', job: { ...job, cancelWanted: true }, events: [] };
  if (job.status !== 'queued') return undefined;
  const row: Job = { ...job, status: 'cancelled', token: 'none', settledAs: null, delayed: false };
  return { verdict: 'done', job: row, events: [told('cancelled', job.attempt)] };
}

export function discard(job: Job): Change | undefined {
  if (job.status !== 'failed') return undefined;
  const row: Job = { ...job, status: 'cancelled', token: 'none', settledAs: null };
  return { verdict: 'done', job: row, events: [told('discarded', job.attempt)] };
}

export function clear(job: Job, rules: Rules): Change | undefined {
  const taken = job.status === 'processing' && !rules.clearSparesProcessing;
  if (job.status !== 'queued' && !taken) return undefined;
  const row: Job = { ...job, status: 'discovered', attempt: 0, token: 'none', settledAs: null, delayed: false };
  return { verdict: 'done', job: { ...row, place: 'none' }, events: [told('cleared', 0)] };
}
