// What this worker has in its hands: one entry for each claim, from the moment its token was made until it is settled.
// An entry's signal is aborted once, with the cause that came first.
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

export interface Hands {
  /** A token for a claim that is about to be asked for; until released it is no orphan. */
  ask(): string;
  hold(claim: Claim, times: Pick<InHand, 'beganMs' | 'askedAtMs' | 'trustUntilMs'>): InHand;
  /** The pipeline has ended; the claim is settled yet, and is renewed until it is released. */
  release(token: string): void;
  stop(hand: InHand, cause: StopCause): void;
  readonly all: readonly InHand[];
  readonly count: number;
  /** Tokens held, or asked for. */
  readonly tokens: readonly string[];
  heldClaims(): HeldClaim[];
}

export function createHands(): Hands {
  const tokens = new Set<string>();
  const hands = new Map<string, InHand>();
  return {
    ask: () => {
      const token = randomUUID();
      tokens.add(token);
      return token;
    },
    hold: (claim, times) => {
      const hand: InHand = {
        claim,
        controller: new AbortController(),
        cause: undefined,
        stage: null,
        progress: null,
        ...times,
      };
      hands.set(claim.token, hand);
      return hand;
    },
    release: (token) => {
      tokens.delete(token);
      hands.delete(token);
    },
    stop: (hand, cause) => {
      if (hand.cause !== undefined) return;
      hand.cause = cause;
      hand.controller.abort(cause);
    },
    get all() {
      return [...hands.values()];
    },
    get count() {
      return tokens.size;
    },
    get tokens() {
      return [...tokens];
    },
    heldClaims: () =>
      [...hands.values()].map(({ claim, stage }) => ({ jobId: claim.jobId, token: claim.token, stage })),
  };
}
