// What this worker has in its hands: one entry for each claim, from the moment its token was made until it is settled.
// An entry's signal is aborted once, with the cause that came first. A claim whose answer was lost is remembered until a tick
// has seen whether it was won, so that at its end, when no tick comes any more, the worker can give it back.
import { randomUUID } from 'node:crypto';
import type { Claim, HeldClaim } from '@jobhive/db';
import type { StopCause } from '@jobhive/queue';

/** One claim in hand. */
export interface InHand {
  readonly claim: Claim;
  readonly controller: AbortController;
  readonly beganMs: number;
  /** When the claim was asked for: wall clock, epoch ms. */
  readonly askedAtMs: number;
  cause: StopCause | undefined;
  stage: string | null;
  progress: { fraction: number; text: string } | null;
  /** Monotonic ms up to which the lease is trusted: from the moment it was asked for, less a margin. */
  trustUntilMs: number;
}

type Times = Pick<InHand, 'beganMs' | 'askedAtMs' | 'trustUntilMs'>;

/** By what a claim is given back. */
export interface Unanswered {
  readonly jobId: string;
  readonly token: string;
}

/** Postgres ends a claim within this time, whoever waits for it still. */
const CLAIM_ENDS_MS = 5000;

export interface Hands {
  /** A token for a claim that is about to be asked for; until released it is no orphan. */
  ask(jobId: string): string;
  /** The answer to the ask was lost at this monotonic time: should the claim have been won, it is an orphan. */
  doubt(token: string, nowMs: number): void;
  /** A tick that was asked for at this time has seen all orphans of its time. */
  seenAt(askedMs: number): void;
  hold(claim: Claim, times: Times): InHand;
  /** The pipeline has ended; the claim is settled yet, and is renewed until it is released. */
  release(token: string): void;
  stop(hand: InHand, cause: StopCause): void;
  /** Stops all, and from now on whatever comes into hand. */
  stopAll(cause: StopCause): void;
  readonly all: readonly InHand[];
  readonly count: number;
  /** Tokens held, or asked for. */
  readonly tokens: readonly string[];
  /** Claims that may have been won: their answer is under way, or was lost. */
  readonly unanswered: readonly Unanswered[];
  heldClaims(): HeldClaim[];
}

export function createHands(): Hands {
  const asked = new Map<string, string>();
  const doubtful = createDoubts();
  const hands = new Map<string, InHand>();
  let stoppedBy: StopCause | undefined;

  const stop = (hand: InHand, cause: StopCause): void => {
    if (hand.cause !== undefined) return;
    hand.cause = cause;
    hand.controller.abort(cause);
  };
  return {
    ask: (jobId) => {
      const token = randomUUID();
      asked.set(token, jobId);
      return token;
    },
    doubt: (token, nowMs) => {
      const jobId = asked.get(token);
      if (jobId !== undefined) doubtful.add({ jobId, token }, nowMs);
      asked.delete(token);
    },
    seenAt: (askedMs) => {
      doubtful.seenAt(askedMs);
    },
    hold: (claim, times) => {
      const hand = handOf(claim, times);
      hands.set(claim.token, hand);
      if (stoppedBy !== undefined) stop(hand, stoppedBy);
      return hand;
    },
    release: (token) => {
      asked.delete(token);
      hands.delete(token);
    },
    stop,
    stopAll: (cause) => {
      stoppedBy ??= cause;
      for (const hand of hands.values()) stop(hand, cause);
    },
    get all() {
      return [...hands.values()];
    },
    get count() {
      return asked.size;
    },
    get tokens() {
      return [...asked.keys()];
    },
    get unanswered() {
      const underWay = [...asked].filter(([token]) => !hands.has(token));
      return [...underWay.map(([token, jobId]) => ({ jobId, token })), ...doubtful.all];
    },
    heldClaims: () =>
      [...hands.values()].map(({ claim, stage }) => ({ jobId: claim.jobId, token: claim.token, stage })),
  };
}

function handOf(claim: Claim, times: Times): InHand {
  return { claim, controller: new AbortController(), cause: undefined, stage: null, progress: null, ...times };
}

interface Doubts {
  add(claim: Unanswered, nowMs: number): void;
  seenAt(askedMs: number): void;
  readonly all: readonly Unanswered[];
}

function createDoubts(): Doubts {
  const since = new Map<Unanswered, number>();
  return {
    add: (claim, nowMs) => {
      since.set(claim, nowMs);
    },
    seenAt: (askedMs) => {
      for (const [claim, sinceMs] of since) if (sinceMs + CLAIM_ENDS_MS < askedMs) since.delete(claim);
    },
    get all() {
      return [...since.keys()];
    },
  };
}
