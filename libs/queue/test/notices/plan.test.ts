import { createHmac } from 'node:crypto';
import type { Notice } from '@jobhive/db';
import { describe, expect, it } from 'vitest';
import { bodyOf, headersOf } from '../../src/notices/body.ts';
import { createLately } from '../../src/notices/lately.ts';
import { againSeconds, burstDelaySeconds, planNotices, SINGLE_MAX } from '../../src/notices/plan.ts';
import { stuckForSeconds, type StuckFacts } from '../../src/notices/stuck.ts';

const notice = (seq: number, over: Partial<Notice> = {}): Notice => ({
  seq,
  id: `id-${String(seq)}`,
  kind: 'dead_letter',
  jobId: `job-${String(seq)}`,
  fingerprint: 'f',
  at: new Date('2026-01-02T03:04:05.678Z'),
  attempts: 0,
  gathered: null,
  ...over,
});
const many = (count: number, over: Partial<Notice> = {}): Notice[] =>
  Array.from({ length: count }, (_, n) => notice(n + 1, over));

describe('which notices go by themselves', () => {
  it('the first 20 of a fingerprint; the rest is gathered', () => {
    const { send, gather } = planNotices(many(25), () => 0);
    expect(send).toHaveLength(SINGLE_MAX);
    expect([...gather]).toEqual([['f', [21, 22, 23, 24, 25]]]);
  });
  it('fewer, where some went lately', () => {
    const { send, gather } = planNotices(many(3), () => SINGLE_MAX - 1);
    expect([send.length, gather.get('f')]).toEqual([1, [2, 3]]);
  });
  it('each fingerprint is counted for itself', () => {
    const { send, gather } = planNotices([notice(1), notice(2, { fingerprint: 'g' })], (f) => (f === 'f' ? 99 : 0));
    expect([send.map(({ seq }) => seq), [...gather.keys()]]).toEqual([[2], ['f']]);
  });
  it('always what was tried before, a burst, and what has no fingerprint', () => {
    const due = [
      notice(1, { attempts: 1 }),
      notice(2, { kind: 'burst' }),
      notice(3, { kind: 'stuck', fingerprint: null }),
    ];
    expect(planNotices(due, () => 99).send).toEqual(due);
  });
});

it('a fingerprint is forgotten a minute after it was sent, and its bursts follow each other slowly', () => {
  let nowMs = 0;
  const lately = createLately({ monotonicMs: () => nowMs });
  lately.noteSent('f');
  expect([lately.sent('f'), lately.sent('g')]).toEqual([1, 0]);
  expect(burstDelaySeconds(lately.lastBurst('f')?.sinceMs)).toBe(5);
  lately.noteBurst('f', 7);
  nowMs = 60_000;
  expect([lately.sent('f'), burstDelaySeconds(lately.lastBurst('f')?.sinceMs)]).toEqual([0, 60]);
  nowMs = 130_000;
  expect(burstDelaySeconds(lately.lastBurst('f')?.sinceMs)).toBe(5);
  for (let n = 0; n < 3000; n += 1) lately.noteSent(`other-${String(n)}`);
});

it('what is refused is tried after 1, 2, 4, 8, 15 s, and after 20 tries every five minutes', () => {
  expect([1, 2, 3, 4, 5, 20, 21].map(againSeconds)).toEqual([1, 2, 4, 8, 15, 15, 300]);
});

describe('what is sent', () => {
  it('has the keys of the contract, and a burst its jobs', () => {
    expect(JSON.parse(bodyOf(notice(1)))).toEqual({
      id: 'id-1',
      kind: 'dead_letter',
      job_id: 'job-1',
      fingerprint: 'f',
      at: '2026-01-02T03:04:05.678Z',
    });
    const gathered = { count: 2, jobIds: ['a', 'b'] };
    expect(JSON.parse(bodyOf(notice(1, { kind: 'burst', jobId: null, gathered })))).toMatchObject({
      job_id: null,
      count: 2,
      job_ids: ['a', 'b'],
    });
  });
  it('is signed over its time and its body', () => {
    const headers = headersOf('{"ä":1}', new Date(1_700_000_000_999), 'secret');
    const hex = createHmac('sha256', 'secret').update('1700000000.{"ä":1}').digest('hex');
    expect(headers).toMatchObject({
      'x-jobhive-timestamp': '1700000000',
      'x-jobhive-signature': `sha256=${hex}`,
      'content-length': '8',
    });
    expect(headersOf('{}', new Date(0), undefined)).not.toHaveProperty('x-jobhive-signature');
  });
});

describe('the queue is stuck', () => {
  const facts: StuckFacts = {
    paused: false,
    processing: 1,
    slots: 2,
    waitingSeconds: 100,
    claimedSeconds: 50,
    endedSeconds: 40,
    mendedSeconds: null,
  };
  it.each<[string, Partial<StuckFacts>, number | undefined]>([
    ['where jobs wait beside a free slot and nothing was taken', {}, 40],
    ['where nobody lives', { slots: 0, processing: 0, claimedSeconds: null }, 40],
    ['where nobody lives, and the dead left what they had in hand', { slots: 0 }, 40],
    ['from the very start', { endedSeconds: null, claimedSeconds: null, processing: 0 }, 100],
    ['not while all slots are busy', { processing: 2 }, undefined],
    ['not while something is in hand and nobody can tell of slots', { slots: null }, undefined],
    ['not while it is paused', { paused: true }, undefined],
    ['not while nothing waits', { waitingSeconds: null }, undefined],
    ['not where something was claimed lately', { claimedSeconds: 29 }, undefined],
    ['not where something ended lately', { endedSeconds: 29 }, undefined],
    ['not just after a pause or an outage', { mendedSeconds: 5 }, undefined],
    ['not where the first has not waited long', { waitingSeconds: 10 }, undefined],
  ])('%s', (_name, over, seconds) => {
    expect(stuckForSeconds({ ...facts, ...over })).toBe(seconds);
  });
});
