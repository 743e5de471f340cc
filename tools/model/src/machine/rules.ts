/**
 * The guards of the protocol, each as a switch, so that the explorer can be shown a system that lacks one: every one of these
 * was found by it (test/machine/broken.test.ts).
 */

/** What the system promises to do; SOUND is the system as it is. */
export const SOUND = {
  /** claim: only a queued row is taken. */
  claimTakesQueuedOnly: true,
  /** claim: asked again under its own token it answers the same claim and counts nothing. */
  claimAskedTwiceCountsOnce: true,
  /** claim: a token that was settled claims no more, so that an ask which runs late is refused. */
  claimRefusesSettledToken: true,
  /** claim: not before a retry's time. */
  claimWaitsForDue: true,
  /** claim: goes on after the last finished stage. */
  claimKeepsStages: true,
  /** checkpoint: the token in its WHERE. */
  checkpointFenced: true,
  /** checkpoint: asked again it writes no second event. */
  checkpointAskedTwiceWritesOnce: true,
  /** settle: the token in its WHERE. */
  settleFenced: true,
  /** settle: only in processing, so that one asked again spends and writes nothing. */
  settleInProcessingOnly: true,
  /** settle: the event in its statement. */
  settleTellsIt: true,
  /** settle: what is given back counts no attempt. */
  giveBackIsUnspent: true,
  /** settle, expire: what is to be cancelled does not go back into the queue. */
  cancelSticks: true,
  /** The lease of a claim whose worker is gone runs out. */
  leasesRunOut: true,
  /** expire: the token goes. */
  expireClearsToken: true,
  /** expire: a worker that was lost spends the attempt. */
  expireSpends: true,
  /** expire: the last attempt ends in `failed`. */
  expireEndsAfterLastAttempt: true,
  /** expire: the event in its statement. */
  expireTellsIt: true,
  /** expire: tokens that a worker left behind in good order spend nothing. */
  leftIsUnspent: true,
  /** After an outage of Postgres all leases move on before anything expires. */
  outageMovesLeasesOn: true,
  /** A claim whose answer was lost is given back by the tick of its process. */
  orphansAreGivenBack: true,
  /** What Redis lacks is delivered again. */
  missingIsDelivered: true,
  /** A retry whose time has come is delivered. */
  dueIsDelivered: true,
  /** What is in flight is acted on at the second look only. */
  reconcilerLooksTwice: true,
  /** clear: never one in processing. */
  clearSparesProcessing: true,
  /** enqueue: what is in processing stays as it is. */
  enqueueSparesProcessing: true,
  /** enqueue, retry: an old wish to cancel is forgotten. */
  freshForgetsCancel: true,
} as const satisfies Record<string, true>;

export type Rules = Readonly<Record<keyof typeof SOUND, boolean>>;

export function without(rule: keyof typeof SOUND): Rules {
  return { ...SOUND, [rule]: false };
}

/** Retries after the first attempt. */
export const RETRIES_MAX = 1;

/** What may happen beside deaths at any point, slow workers and an emptied Redis; a search with fewer of these goes further. */
export interface Faults {
  /** A claim or a settle is run, and its answer is lost. */
  readonly lostAnswers: boolean;
  /** A claim that was asked for twice may be run a second time, later. */
  readonly lateAsks: boolean;
  /** A worker may leave in good order while Postgres is away. */
  readonly leaving: boolean;
  /** Operators: clear, discard, and enqueueing again what was cancelled or cleared. */
  readonly again: boolean;
}

export const EVERY_FAULT: Faults = { lostAnswers: true, lateAsks: true, leaving: true, again: true };
export const DEATH_ANYWHERE: Faults = { lostAnswers: false, lateAsks: false, leaving: false, again: false };
