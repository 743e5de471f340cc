import { describe, expect, test } from 'vitest';
import { judge } from '../src/judge.ts';
import { lawsBrokenBy, rewrite, without, add, stretched, away } from './doctor.ts';
import { DEAD, FINE, LOST, RETRIED, soundEvidence, type Doctored } from './sound-evidence.ts';

test('a sound run breaks no law; what it spent is counted', () => {
  const { violations, spent, statuses } = judge(soundEvidence());
  expect(violations).toEqual([]);
  expect(spent).toEqual({ byWork: 2, byLostWorkers: 1, documented: 0 });
  expect(statuses).toEqual({ processed: 3, failed: 1 });
});

describe('law 1 is broken by', () => {
  test.each<[string, (evidence: Doctored) => void]>([
    [
      'an accepted job that is not on record',
      (e) => (e.enqueued = [...e.enqueued, { ...e.enqueued[0], jobId: 'x' } as never]),
    ],
    ['an id left in line', (e) => (e.redis = { ...e.redis, waiting: [FINE] })],
    ['an id left in hands', (e) => (e.redis = { ...e.redis, active: [FINE] })],
    ['an entry in neither', (e) => (e.redis = { ...e.redis, entries: [FINE] })],
    ['a Redis that is not whole', (e) => (e.redis = { ...e.redis, whole: false })],
    ['a dead letter that Redis lacks', (e) => (e.redis = { ...e.redis, deadLetters: new Map() })],
    [
      'a dead letter that has not failed',
      (e) =>
        (e.redis = {
          ...e.redis,
          deadLetters: new Map([
            [DEAD, 11_000],
            [FINE, 1],
          ]),
        }),
    ],
    ['a dead letter with another time', (e) => (e.redis = { ...e.redis, deadLetters: new Map([[DEAD, 99_000]]) })],
  ])('%s', (_, doctor) => {
    expect(lawsBrokenBy(doctor)).toEqual([1]);
  });

  test('an accepted job that ends as cancelled, though nobody cancels', () => {
    const laws = lawsBrokenBy((evidence) => {
      evidence.events = evidence.events.map((one) =>
        one.jobId === DEAD && one.event === 'failed' ? { ...one, event: 'cancelled' } : one,
      );
      rewrite(evidence, DEAD, (row) => ({ ...row, status: 'cancelled' }));
      evidence.redis = { ...evidence.redis, deadLetters: new Map() };
    });
    expect(laws).toEqual([1]);
  });

  test('an accepted job that still waits', () => {
    const laws = lawsBrokenBy((evidence) => {
      evidence.events = evidence.events.filter(
        ({ jobId, event }) => jobId !== FINE || !/claimed|finished|processed/.test(event),
      );
      evidence.ledger = evidence.ledger.filter(({ job }) => job !== FINE);
      evidence.documents.delete(FINE);
      rewrite(evidence, FINE, (row) => ({ ...row, status: 'queued', attempt: 0, stageOutputs: {} }));
    });
    expect(laws).toEqual([1]);
  });
});

describe('law 2 is broken by', () => {
  test('an output of a run that did not hold the claim', () => {
    const laws = lawsBrokenBy((evidence) => {
      add(evidence, { job: LOST, stage: 'write', worker: 'w1', what: 'end', nonce: 'h', at: 18_950 });
      rewrite(evidence, LOST, ({ stageOutputs, ...row }) => ({
        ...row,
        stageOutputs: { ...stageOutputs, write: { output: { nonce: 'h', saw: ['g'] } } },
      }));
      evidence.documents.set(LOST, 'h');
    });
    expect(laws).toEqual([2]);
  });

  test('an output of no run', () => {
    const laws = lawsBrokenBy((evidence) => {
      evidence.ledger = evidence.ledger.filter(
        ({ job, what, stage }) => job !== FINE || what !== 'end' || stage !== 'write',
      );
    });
    expect(laws).toEqual([2]);
  });

  test('a stage that runs without a claim in quiet times, not by one just after an absence of its worker', () => {
    expect(lawsBrokenBy((evidence) => add(evidence, { job: FINE, at: 25_000 }))).toEqual([2]);
    expect(
      lawsBrokenBy((evidence) => {
        add(evidence, { job: FINE, at: 25_000 });
        evidence.absences = [...evidence.absences, { worker: 'w0', why: 'frozen', fromMs: 19_500, toMs: 24_900 }];
      }),
    ).toEqual([]);
  });

  test.each<[string, (evidence: Doctored) => void, number[]]>([
    ['nobody reaches Postgres', (e) => (e.outages = [away('postgres', 24_000, 24_900)]), []],
    ['the other half does not reach it', (e) => (e.outages = [{ ...away('postgres', 24_000, 24_900), side: 1 }]), [2]],
    ['Postgres answers late', (e) => (e.outages = [{ ...away('postgres', 24_000, 24_900), how: 'slow' }]), [2]],
    ['Redis is away', (e) => (e.outages = [away('redis', 24_000, 24_900)]), [2]],
    [
      'Postgres was away longer ago than a lease is trusted',
      (e) => (e.outages = [away('postgres', 15_000, 17_500)]),
      [2],
    ],
    [
      'another worker is frozen',
      (e) => (e.absences = [...e.absences, { worker: 'w2', why: 'frozen', fromMs: 19_500, toMs: 24_900 }]),
      [2],
    ],
    [
      'its worker was frozen longer ago than a lease is trusted',
      (e) => (e.absences = [...e.absences, { worker: 'w0', why: 'frozen', fromMs: 12_000, toMs: 19_500 }]),
      [2],
    ],
  ])('a stage without a claim while %s', (_, doctor, laws) => {
    const found = lawsBrokenBy((evidence) => {
      add(evidence, { job: FINE, at: 25_000 });
      doctor(evidence);
    });
    expect(found).toEqual(laws);
  });
});

describe('law 3 is broken by', () => {
  test('a finished stage that is run again by a later attempt', () => {
    expect(lawsBrokenBy((evidence) => add(evidence, { job: RETRIED, attempt: 2, worker: 'w1', at: 8050 }))).toEqual([
      3,
    ]);
  });

  test('a finished stage that is run again under the same claim', () => {
    expect(lawsBrokenBy((evidence) => add(evidence, { job: FINE, at: 3500 }))).toEqual([3]);
  });

  test.each<[string, (evidence: Doctored) => void]>([
    ['a document that is missing', (e) => e.documents.delete(FINE)],
    ['the document of another run', (e) => e.documents.set(FINE, 'd')],
    ['a document without a record', (e) => e.documents.set(DEAD, 'f')],
    ['a document of nobody', (e) => (e.strangers = ['letter.md'])],
    ['unfinished documents of a job that no worker left behind', (e) => (e.leftovers = [FINE])],
    ['one effect key for two jobs', (e) => (e.ledger = e.ledger.map((line) => ({ ...line, key: line.stage })))],
    [
      'two effect keys for one stage',
      (e) => (e.ledger = e.ledger.map((line) => ({ ...line, key: `${line.key}${line.nonce}` }))),
    ],
  ])('%s', (_, doctor) => {
    expect(lawsBrokenBy(doctor)).toEqual([3]);
  });

  test('a processed job without one of its stages', () => {
    const laws = lawsBrokenBy((evidence) => {
      evidence.events = evidence.events.filter(({ jobId, stage }) => jobId !== FINE || stage !== 'fetch');
      rewrite(evidence, FINE, (row) => ({ ...row, stageOutputs: { write: { output: { nonce: 'b', saw: [] } } } }));
    });
    expect(laws).toEqual([3]);
  });

  test('a stage that saw another output than the one on record', () => {
    const laws = lawsBrokenBy((evidence) =>
      rewrite(evidence, FINE, ({ stageOutputs, ...row }) => ({
        ...row,
        stageOutputs: { ...stageOutputs, write: { output: { nonce: 'b', saw: ['other'] } } },
      })),
    );
    expect(laws).toEqual([3]);
  });

  test('a stage that is recorded twice', () => {
    const laws = lawsBrokenBy((evidence) => {
      const twice = evidence.events.findIndex(({ jobId, event }) => jobId === FINE && event === 'stage_finished');
      const event = evidence.events[twice];
      if (event !== undefined) evidence.events.splice(twice, 0, event);
    });
    expect(laws).toContain(3);
  });
});

describe('law 7 is broken by', () => {
  test.each<[string, (evidence: Doctored) => void]>([
    ['a change of status without its event', (e) => without(e, DEAD, 'failed')],
    ['a claim without its event', (e) => without(e, FINE, 'claimed')],
    ['an enqueue without its event', (e) => without(e, FINE, 'queued')],
    ['a row that says otherwise than its history', (e) => rewrite(e, FINE, (row) => ({ ...row, status: 'cancelled' }))],
    [
      'an event of a worker that did not hold the claim',
      (e) =>
        (e.events = e.events.map((one) =>
          one.jobId === FINE && one.event === 'processed' ? { ...one, worker: 'w1' } : one,
        )),
    ],
    ['a wait that `why` leaves out', (e) => (e.waits = e.waits.map((one) => ({ ...one, waits: one.waits.slice(1) })))],
    ['a wait that `why` makes longer', (e) => (e.waits = e.waits.map((one) => stretched(one, 60)))],
    [
      'waits of `why` that overlap',
      (e) => (e.waits = e.waits.map((one) => stretched(stretched(one, 500, 0), -500, 1))),
    ],
  ])('%s', (_, doctor) => {
    expect(lawsBrokenBy(doctor)).toContain(7);
  });
});

describe('law 8 is broken by', () => {
  test.each<[string, (evidence: Doctored) => void]>([
    ['words of a posting in Redis', (e) => (e.redis = { ...e.redis, leaky: ['bq:x'] })],
    ['words of a posting in a log', (e) => (e.leakyLogs = ['w0.log'])],
    ['words of a posting in the metrics of a worker', (e) => (e.leakyMetrics = ['w0'])],
    ['a key that stays and is not known', (e) => (e.redis = { ...e.redis, lasting: ['jobhive:more'] })],
  ])('%s', (_, doctor) => {
    expect(lawsBrokenBy(doctor)).toEqual([8]);
  });

  test('something in the lists that is no id', () => {
    expect(lawsBrokenBy((e) => (e.redis = { ...e.redis, waiting: ['{"title":"x"}'] }))).toContain(8);
  });
});
