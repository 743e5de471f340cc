import type { Claim } from '@jobhive/db';
import { expect, test } from 'vitest';
import { createHands } from '../src/hands.ts';

const claimOf = (token: string): Claim => ({
  jobId: 'job',
  token,
  attempt: 1,
  retryAfterCount: 0,
  runsAlone: false,
  stageOutputs: {},
  errorInfo: null,
  waitedMs: null,
  job: {
    id: 'job',
    source: 's',
    external_id: 'e',
    title: 't',
    company: 'c',
    location: null,
    url: null,
    description: null,
    posted_at: null,
  },
});

test('a token that was asked for is counted until it is released', () => {
  const hands = createHands();
  const token = hands.ask();
  expect(hands.tokens).toEqual([token]);
  expect(hands.all).toEqual([]);
  hands.hold(claimOf(token), { beganMs: 0, askedAtMs: 0, trustUntilMs: 1 });
  expect(hands.heldClaims()).toEqual([{ jobId: 'job', token, stage: null }]);
  hands.release(token);
  expect([hands.count, hands.all.length]).toEqual([0, 0]);
});

test('the cause that came first is the one on record', () => {
  const hands = createHands();
  const hand = hands.hold(claimOf(hands.ask()), { beganMs: 0, askedAtMs: 0, trustUntilMs: 1 });
  hands.stop(hand, 'cancel');
  hands.stop(hand, 'shutdown');
  expect(hand.cause).toBe('cancel');
  expect(hand.controller.signal.reason).toBe('cancel');
});
