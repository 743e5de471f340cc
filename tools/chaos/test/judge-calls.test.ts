/** Law 1, of what operators ask: a sound run in which they asked for everything, doctored one fact at a time. */
import { describe, expect, test } from 'vitest';
import type { Call, Event } from '../src/evidence.ts';
import { add, away, delay, lawsBrokenBy } from './doctor.ts';
import { DEAD, FINE, LOST, type Doctored } from './sound-evidence.ts';

const call = (what: Call['what'], atMs: number, more: Partial<Call> = {}): Call => ({
  what,
  jobIds: [],
  calledMs: atMs - 10,
  answeredMs: atMs + 10,
  answer: 'done',
  status: undefined,
  ...more,
});

const event = (jobId: string, atMs: number, name: string, attempt = 0, worker: string | null = null): Event => ({
  jobId,
  atMs,
  event: name,
  attempt,
  worker,
  stage: undefined,
  reason: undefined,
});

/** What failed is retried, cancelled in the hands of w0, and enqueued again; then cleared, enqueued, cancelled in line. */
const MENDED = [
  event(DEAD, 21_000, 'retried'),
  event(DEAD, 21_500, 'claimed', 1, 'w0'),
  event(DEAD, 22_200, 'cancelled', 1, 'w0'),
  event(DEAD, 22_500, 'queued'),
  event(DEAD, 22_600, 'cleared'),
  event(DEAD, 22_700, 'queued'),
  event(DEAD, 22_800, 'cancelled'),
];
const CALLS = [
  call('retry', 21_000, { jobIds: [DEAD] }),
  call('cancel', 22_000, { jobIds: [DEAD], status: 'processing' }),
  call('enqueue', 22_500, { jobIds: [DEAD] }),
  call('clear', 22_600),
  call('enqueue', 22_700, { jobIds: [DEAD, LOST], answer: 'refused' }),
  call('enqueue', 22_700, { jobIds: [DEAD] }),
  call('cancel', 22_800, { jobIds: [DEAD], status: 'cancelled' }),
  call('pause', 23_000),
  call('resume', 25_000),
];

function withOperators(evidence: Doctored): void {
  evidence.events.push(...MENDED);
  evidence.calls = CALLS;
  evidence.rows = evidence.rows.map((row) => (row.jobId === DEAD ? { ...row, status: 'cancelled', attempt: 0 } : row));
  evidence.redis = { ...evidence.redis, deadLetters: new Map() };
  add(evidence, { job: DEAD, at: 21_600, nonce: 'k' });
}

const broken = (doctor: (evidence: Doctored) => void): number[] =>
  lawsBrokenBy((evidence) => {
    withOperators(evidence);
    doctor(evidence);
  });

const without = (which: (call: Call) => boolean) => (evidence: Doctored) => {
  evidence.calls = evidence.calls.filter((one) => !which(one));
};
const changed = (which: (call: Call) => boolean, more: Partial<Call>) => (evidence: Doctored) => {
  evidence.calls = evidence.calls.map((one) => (which(one) ? { ...one, ...more } : one));
};

test('a run in which everything was asked for, and done, breaks no law', () => {
  expect(broken(() => undefined)).toEqual([]);
});

describe('law 1 is broken by what nobody asked for', () => {
  test.each<[string, (evidence: Doctored) => void]>([
    ['a retry', without(({ what }) => what === 'retry')],
    ['a cancel', without(({ what }) => what === 'cancel')],
    ['a clear', without(({ what }) => what === 'clear')],
    ['a second enqueue', without(({ what }) => what === 'enqueue')],
    [
      'a retry that was asked for later',
      changed(({ what }) => what === 'retry', { calledMs: 21_100, answer: 'unknown' }),
    ],
    ['a cancel of another job', changed(({ what }) => what === 'cancel', { jobIds: [LOST], answer: 'refused' })],
    ['a cancel in line by a wish of before it was enqueued', without(({ status }) => status === 'cancelled')],
  ])('%s', (_, doctor) => {
    expect(broken(doctor)).toContain(1);
  });

  test('a discard', () => {
    const laws = lawsBrokenBy((evidence) => {
      evidence.events.push(event(DEAD, 21_000, 'discarded', 1));
      evidence.rows = evidence.rows.map((row) => (row.jobId === DEAD ? { ...row, status: 'cancelled' } : row));
      evidence.redis = { ...evidence.redis, deadLetters: new Map() };
    });
    expect(laws).toEqual([1]);
  });
});

describe('law 1 is broken by what was answered, and is not so', () => {
  test.each<[string, (evidence: Doctored) => void]>([
    ['a retry without its event', (e) => (e.calls = [...e.calls, call('retry', 15_000, { jobIds: [DEAD] })])],
    ['a discard without its event', (e) => (e.calls = [...e.calls, call('discard', 15_000, { jobIds: [DEAD] })])],
    [
      'a cancel of what went on',
      (e) => (e.calls = [...e.calls, call('cancel', 1500, { jobIds: [FINE], status: 'cancelled' })]),
    ],
    ['an enqueue of what is over', (e) => (e.calls = [...e.calls, call('enqueue', 15_000, { jobIds: [FINE] })])],
    [
      'a wish to end it after which it was claimed again, by nobody’s leave',
      (e) => (e.calls = [...e.calls, call('cancel', 13_500, { jobIds: [LOST], status: 'processing' })]),
    ],
  ])('%s', (_, doctor) => {
    expect(broken(doctor)).toEqual([1]);
  });

  test('not by what was refused, or failed in an outage', () => {
    const laws = broken((e) => {
      e.calls = [
        ...e.calls,
        call('retry', 15_000, { jobIds: [DEAD], answer: 'refused' }),
        call('discard', 15_500, { jobIds: [DEAD], answer: 'unknown' }),
      ];
      e.outages = [away('postgres', 15_400, 15_600)];
    });
    expect(laws).toEqual([]);
  });
});

describe('while all is paused', () => {
  const claimedAt = (ms: number) => (evidence: Doctored) => {
    evidence.calls = [...evidence.calls, call('pause', ms - 800), call('resume', ms + 500)];
  };

  test('a claim breaks law 1', () => {
    expect(broken(claimedAt(21_500))).toEqual([1]);
  });

  test('not one that came before the pause could be known', () => {
    expect(broken(claimedAt(21_500 + 700))).toEqual([]);
  });

  test('not where somebody may have resumed it meanwhile, by a call that failed', () => {
    const laws = broken((evidence) => {
      claimedAt(21_500)(evidence);
      evidence.calls = [...evidence.calls, call('resume', 10_000, { answer: 'unknown' })];
      evidence.outages = [away('postgres', 9_900, 10_100)];
    });
    expect(laws).toEqual([]);
  });
});

test('law 6 is broken by a call that fails though nothing was away', () => {
  expect(broken((e) => (e.calls = [...e.calls, call('clear', 15_000, { answer: 'unknown' })]))).toEqual([6]);
});

test('law 5: who was passed is told, but not where an operator had taken it out of its place', () => {
  const late = (evidence: Doctored): void => {
    delay(evidence, FINE, 2000, 5000);
  };
  expect(broken(late)).toEqual([5]);
  const cleared = broken((evidence) => {
    late(evidence);
    const at = evidence.events.findIndex((one) => one.jobId === FINE && one.event === 'claimed');
    evidence.events.splice(at, 0, event(FINE, 1500, 'cleared'), event(FINE, 1600, 'queued'));
    evidence.calls = [...evidence.calls, call('clear', 1500), call('enqueue', 1600, { jobIds: [FINE] })];
  });
  expect(cleared).toEqual([]);
});

describe('law 7: the waits that `why` tells of a job that was retried, cancelled and queued again', () => {
  const told = (...spans: (readonly [number, number])[]): Doctored['waits'][number] => ({
    jobId: DEAD,
    waits: spans.map(([fromMs, toMs]) => ({ fromMs, toMs, ms: toMs - fromMs })),
  });

  test.each([
    [
      'hold where they tell of each of its lives',
      [1200, 11_000],
      [21_000, 22_200],
      [22_500, 22_600],
      [22_700, 22_800],
      [],
    ],
    ['are broken where they leave out one', [1200, 11_000], [21_000, 22_200], [22_500, 22_600], [7]],
    [
      'are broken where they tell of the time between',
      [1200, 21_000],
      [21_000, 22_200],
      [22_500, 22_600],
      [22_700, 22_800],
      [7],
    ],
    [
      'are broken where one stands in the time between',
      [1200, 11_000],
      [20_000, 21_200],
      [22_500, 22_600],
      [22_700, 22_800],
      [7],
    ],
  ] as const)('%s', (_, ...rest) => {
    const laws = rest.at(-1) as readonly number[];
    const spans = rest.slice(0, -1) as (readonly [number, number])[];
    expect(broken((evidence) => (evidence.waits = [told(...spans)]))).toEqual(laws);
  });
});
