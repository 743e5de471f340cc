/** Law 1, of what operators ask: a sound run in which they asked for everything, doctored one fact at a time. */
import { describe, expect, test } from 'vitest';
import type { Call, Event } from '../src/evidence.ts';
import { add, away, delay, lawsBrokenBy } from './doctor.ts';
import { DEAD, FINE, LOST, type Doctored } from './sound-evidence.ts';

const call = (what: Call['what'], atMs: number, more: Partial<Call> = {}): Call => ({
  what,
  side: 0,
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
  call('enqueue', 22_700, { jobIds: [DEAD, LOST], answer: 'refused' }), // LOST is processed
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
    [
      'a cancel in line by a wish that was answered long before',
      changed(({ status }) => status === 'cancelled', { calledMs: 22_710, answeredMs: 22_720 }),
    ],
    ['a retry by a call that was refused', changed(({ what }) => what === 'retry', { answer: 'refused' })],
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
        call('retry', 15_000, { jobIds: [FINE], answer: 'refused' }),
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

describe('a call that fails', () => {
  const failed = (doctor: (evidence: Doctored) => void): number[] =>
    broken((e) => {
      e.calls = [...e.calls, call('clear', 15_000, { answer: 'unknown' })];
      doctor(e);
    });

  test.each<[string, (evidence: Doctored) => void]>([
    ['nothing was away', () => undefined],
    [
      'a worker was killed',
      (e) =>
        (e.faults = [{ kind: 'worker-kill', lane: 'kill', fromMs: 14_900, toMs: 15_100, inFlight: 1, waiting: 0 }]),
    ],
    ['the other half did not reach Redis', (e) => (e.outages = [{ ...away('redis', 14_900, 15_100), side: 1 }])],
  ])('breaks law 6 where %s', (_, doctor) => {
    expect(failed(doctor)).toEqual([6]);
  });

  test.each<[string, (evidence: Doctored) => void]>([
    ['Redis was away', (e) => (e.outages = [away('redis', 14_900, 15_100)])],
    ['Postgres answered late', (e) => (e.outages = [{ ...away('postgres', 14_900, 15_100), how: 'slow' }])],
  ])('breaks none where %s', (_, doctor) => {
    expect(failed(doctor)).toEqual([]);
  });
});

describe('law 1 is broken by a refusal', () => {
  test.each<[string, Call]>([
    ['of a retry of what had failed', call('retry', 20_000, { jobIds: [DEAD], answer: 'refused' })],
    ['of a discard of what had failed', call('discard', 20_000, { jobIds: [DEAD], answer: 'refused' })],
    ['of a cancel of what waited', call('cancel', 1500, { jobIds: [FINE], answer: 'refused' })],
    ['of an enqueue of what stood in line', call('enqueue', 1500, { jobIds: [FINE], answer: 'refused' })],
  ])('%s', (_, one) => {
    expect(broken((e) => (e.calls = [...e.calls, one]))).toEqual([1]);
  });
});

describe('law 1 is broken by a call of all that leaves one out', () => {
  test.each<[string, Call]>([
    ['a retry of all, what had failed', call('retry_all', 20_000)],
    ['a clear, what waited', call('clear', 1500)],
  ])('%s', (_, one) => {
    expect(broken((e) => (e.calls = [...e.calls, one]))).toEqual([1]);
  });
});

describe('a job whose end was wished while it ran', () => {
  const wished = (atMs: number): Call => call('cancel', atMs, { jobIds: [FINE], status: 'processing' });
  const longer = (evidence: Doctored): void => {
    delay(evidence, FINE, 4000, 4000);
    evidence.calls = [...evidence.calls, wished(2100)];
  };

  test('may be processed first, within the bound', () => {
    expect(broken((e) => (e.calls = [...e.calls, wished(2100)]))).toEqual([]);
  });

  test('breaks law 1 where it runs on for long', () => {
    expect(broken(longer)).toEqual([1]);
  });

  test('but not where its worker was frozen meanwhile', () => {
    const laws = broken((e) => {
      longer(e);
      e.absences = [...e.absences, { worker: 'w0', why: 'frozen', fromMs: 2500, toMs: 6500 }];
    });
    expect(laws).toEqual([]);
  });
});

test('law 5: who was passed is told, but not where an operator had taken it out of its place', () => {
  const late = (evidence: Doctored): void => {
    delay(evidence, FINE, 2000, 5000);
  };
  expect(broken(late)).toEqual([5]);
  const cancelled = broken((evidence) => {
    late(evidence);
    const at = evidence.events.findIndex((one) => one.jobId === FINE && one.event === 'claimed');
    evidence.events.splice(at, 0, event(FINE, 1500, 'cancelled'), event(FINE, 1600, 'queued'));
    const cancel = call('cancel', 1500, { jobIds: [FINE], status: 'cancelled' });
    evidence.calls = [...evidence.calls, cancel, call('enqueue', 1600, { jobIds: [FINE] })];
  });
  expect(cancelled).toEqual([]);
});

describe('law 7: the waits that `why` tells of a job that was retried, cancelled and queued again', () => {
  const told = (...spans: (readonly [number, number])[]): Doctored['waits'][number] => ({
    jobId: DEAD,
    waits: spans.map(([fromMs, toMs]) => ({ fromMs, toMs, ms: toMs - fromMs })),
  });

  test('may leave out one that was over at once', () => {
    const laws = broken((evidence) => {
      const [short, long] = [[22_850, 22_851] as const, [22_900, 22_980] as const];
      for (const [fromMs, toMs] of [short, long]) {
        evidence.events.push(event(DEAD, fromMs, 'queued'), event(DEAD, toMs, 'cancelled'));
        evidence.calls = [
          ...evidence.calls,
          call('enqueue', fromMs, { jobIds: [DEAD] }),
          call('cancel', toMs, { jobIds: [DEAD], status: 'cancelled' }),
        ];
      }
      evidence.waits = [told([1200, 11_000], [21_000, 22_200], [22_500, 22_600], [22_700, 22_800], long)];
    });
    expect(laws).toEqual([]);
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

describe('law 6, for a job whose worker was killed, and operators', () => {
  /** Told lost at 18,000; its next claim is at 30,000. */
  const late = (evidence: Doctored): void => delay(evidence, LOST, 18_100, 11_900);

  /** It was cancelled then, and enqueued shortly before its next claim. */
  function cancelledAt(atMs: number): number[] {
    return lawsBrokenBy((e) => {
      late(e);
      const at = e.events.findIndex((one) => one.jobId === LOST && one.event === 'worker_lost') + 1;
      e.events.splice(at, 0, event(LOST, atMs, 'cancelled', 1), event(LOST, 29_900, 'queued'));
      const first = <T extends { readonly attempt: number }>(one: T, jobId: string): T =>
        jobId === LOST && one.attempt === 2 ? { ...one, attempt: 1 } : one;
      e.events = e.events.map((one) => first(one, one.jobId));
      e.ledger = e.ledger.map((one) => first(one, one.job));
      e.rows = e.rows.map((one) => first(one, one.jobId));
      e.calls = [
        call('cancel', atMs, { jobIds: [LOST], status: 'cancelled' }),
        call('enqueue', 29_900, { jobIds: [LOST] }),
      ];
    });
  }

  test('it was not late where one took it out in time, and enqueued it much later; it was where it had waited for long', () => {
    expect(cancelledAt(18_500)).toEqual([]);
    expect(cancelledAt(28_500)).toEqual([6]);
  });

  test('while all is paused it may wait, but is told lost in time all the same', () => {
    const paused = [call('pause', 14_000), call('resume', 29_500)];
    const waits = lawsBrokenBy((e) => {
      late(e);
      e.calls = paused;
    });
    expect(waits).toEqual([]);
    const toldLate = lawsBrokenBy((e) => {
      delay(e, LOST, 18_000, 12_000);
      e.calls = paused;
    });
    expect(toldLate).toEqual([6]);
  });
});
