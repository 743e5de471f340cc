import type { Claim } from '@jobhive/db';
import { expect, test } from 'vitest';
import { createHands } from '../src/hands.ts';

const claimOf = (token: string): Claim => ({
  jobId: 'job',
  token,
  attempt: 1,
  retryAfterCount: 0,
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
  const token = hands.ask('job');
  expect(hands.tokens).toEqual([token]);
  expect(hands.all).toEqual([]);
  hands.hold(claimOf(token), { beganMs: 0, askedAtMs: 0, trustUntilMs: 1 });
  expect(hands.heldClaims()).toEqual([{ jobId: 'job', token, stage: null }]);
  hands.release(token);
  expect([hands.count, hands.all.length]).toEqual([0, 0]);
});

test('the cause that came first is the one on record', () => {
  const hands = createHands();
  const hand = hands.hold(claimOf(hands.ask('job')), { beganMs: 0, askedAtMs: 0, trustUntilMs: 1 });
  hands.stop(hand, 'cancel');
  hands.stop(hand, 'shutdown');
  expect(hand.cause).toBe('cancel');
  expect(hand.controller.signal.reason).toBe('cancel');
});

test('what comes into hand after all were stopped is stopped at once', () => {
  const hands = createHands();
  const times = { beganMs: 0, askedAtMs: 0, trustUntilMs: 1 };
  const before = hands.hold(claimOf(hands.ask('job')), times);
  const late = hands.ask('job');
  hands.stopAll('shutdown');
  expect([before.cause, hands.hold(claimOf(late), times).cause]).toEqual(['shutdown', 'shutdown']);
});

test('a claim is unanswered until it is in hand or refused, and one whose answer was lost until a later tick has looked', () => {
  const hands = createHands();
  const [won, refused, lost, asked] = ['won', 'refused', 'lost', 'asked'].map((jobId) => hands.ask(jobId));
  hands.hold(claimOf(won ?? ''), { beganMs: 0, askedAtMs: 0, trustUntilMs: 1 });
  hands.release(refused ?? '');
  hands.doubt(lost ?? '', 1000);
  const underWay = { jobId: 'asked', token: asked };
  expect(hands.unanswered).toEqual([underWay, { jobId: 'lost', token: lost }]);
  expect(hands.tokens).toEqual([won, asked]); // what was lost is an orphan to the tick
  hands.seenAt(2000); // it may still be running
  expect(hands.unanswered).toHaveLength(2);
  hands.seenAt(7000);
  expect(hands.unanswered).toEqual([underWay]);
});
