import { describe, expect, test } from 'vitest';
import { judge } from '../src/judge.ts';
import { DEAD, FINE, LOST, RETRIED, soundEvidence, type Doctored } from './sound-evidence.ts';

type Row = Doctored['rows'][number];

function lawsBrokenBy(doctor: (evidence: Doctored) => void): number[] {
  const evidence = soundEvidence();
  doctor(evidence);
  return [...new Set(judge(evidence).violations.map(({ law }) => law))].sort((a, b) => a - b);
}

function rewrite(evidence: Doctored, jobId: string, change: (row: Row) => Row): void {
  evidence.rows = evidence.rows.map((row) => (row.jobId === jobId ? change(row) : row));
}

function without(evidence: Doctored, jobId: string, event: string): void {
  evidence.events = evidence.events.filter((one) => one.jobId !== jobId || one.event !== event);
}

function add(evidence: Doctored, line: Partial<Doctored['ledger'][number]> & { job: string; at: number }): void {
  const { job, stage = 'fetch' } = line;
  evidence.ledger.push({ what: 'start', stage, attempt: 1, worker: 'w0', key: `${job}/${stage}`, nonce: 'z', ...line });
}

function stretched(told: Doctored['waits'][number], byMs: number, which = 0): Doctored['waits'][number] {
  const waits = told.waits.map((wait, n) =>
    n === which ? { ...wait, ms: wait.ms + byMs, toMs: (wait.toMs ?? 0) + byMs } : wait,
  );
  return { ...told, waits };
}

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

describe('law 4 is broken by', () => {
  test('an error of a stage that did nothing wrong', () => {
    expect(lawsBrokenBy((e) => (e.ledger = e.ledger.filter(({ what }) => what !== 'fail')))).toEqual([4]);
  });

  test('a worker that is told lost, and was there', () => {
    expect(lawsBrokenBy((evidence) => (evidence.absences = []))).toEqual([4]);
  });

  test('an absence that was over before the claim', () => {
    const laws = lawsBrokenBy((e) => (e.absences = [{ worker: 'w1', why: 'frozen', fromMs: 1000, toMs: 6000 }]));
    expect(laws).toEqual([4]);
  });

  test('a failure for good with attempts left, where the error was not a permanent one', () => {
    const laws = lawsBrokenBy(
      (e) => (e.ledger = e.ledger.map((line) => (line.what === 'permanent' ? { ...line, what: 'fail' } : line))),
    );
    expect(laws).toEqual([4]);
  });

  test('a row that counts more attempts than its history', () => {
    expect(lawsBrokenBy((e) => rewrite(e, FINE, (row) => ({ ...row, attempt: 2 })))).toContain(4);
  });

  test('nothing where a worker had to end with both stores away: that is documented, and counted', () => {
    const evidence = soundEvidence();
    evidence.absences = [];
    evidence.workers = evidence.workers.map((life) =>
      life.name === 'w1' ? { ...life, killedMs: undefined, signal: null, code: 0, termedMs: 13_200 } : life,
    );
    evidence.outages = [
      { store: 'postgres', fromMs: 13_000, toMs: 14_000 },
      { store: 'redis', fromMs: 13_000, toMs: 14_000 },
    ];
    const { violations, spent } = judge(evidence);
    expect(violations).toEqual([]);
    expect(spent.documented).toBe(1);
  });
});

describe('law 5', () => {
  const late = (evidence: Doctored): void => {
    evidence.waits = [];
    evidence.events = evidence.events.map((event) =>
      event.jobId === FINE && event.atMs >= 2000 ? { ...event, atMs: event.atMs + 5000 } : event,
    );
    evidence.ledger = evidence.ledger.map((line) => (line.job === FINE ? { ...line, at: line.at + 5000 } : line));
  };

  test('is broken where a later job is taken first in quiet times', () => {
    expect(lawsBrokenBy(late)).toEqual([5]);
  });

  test('names what is passed while its entry is lost, which is counted', () => {
    const evidence = soundEvidence();
    late(evidence);
    const at = evidence.events.findIndex(({ jobId, event }) => jobId === FINE && event === 'claimed');
    const base = { jobId: FINE, atMs: 6900, attempt: 0, worker: null, stage: undefined };
    evidence.events.splice(at, 0, { ...base, event: 'dispatched', reason: 'redis_restarted' });
    const { violations, passed } = judge(evidence);
    expect(violations).toEqual([]);
    expect(passed).toMatchObject([{ jobId: FINE, named: true }]);
  });

  test('says nothing about jobs that were enqueued at the same time', () => {
    const laws = lawsBrokenBy((evidence) => {
      late(evidence);
      evidence.enqueued = evidence.enqueued.map((one) => ({ ...one, calledMs: 900, answeredMs: 1500 }));
    });
    expect(laws).toEqual([]);
  });
});

describe('law 6 is broken by', () => {
  test.each<[string, (evidence: Doctored) => void]>([
    ['a wait that outlived its bound', (e) => (e.overdue = ['an enqueue took 99000 ms'])],
    [
      'a worker that ends by itself',
      (e) => (e.workers = e.workers.map((one) => ({ ...one, code: 1, termedMs: undefined }))),
    ],
    [
      'a worker that ends with an error when it is asked to end',
      (e) => (e.workers = e.workers.map((one) => ({ ...one, code: 1 }))),
    ],
    ['a worker that takes too long to end', (e) => (e.workers = e.workers.map((one) => ({ ...one, termedMs: 5000 })))],
    ['a worker that never ends', (e) => (e.workers = e.workers.map((one) => ({ ...one, endedMs: undefined })))],
  ])('%s', (_, doctor) => {
    expect(lawsBrokenBy(doctor)).toEqual([6]);
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
    ['a key that stays and is not known', (e) => (e.redis = { ...e.redis, lasting: ['jobhive:more'] })],
  ])('%s', (_, doctor) => {
    expect(lawsBrokenBy(doctor)).toEqual([8]);
  });

  test('something in the lists that is no id', () => {
    expect(lawsBrokenBy((e) => (e.redis = { ...e.redis, waiting: ['{"title":"x"}'] }))).toContain(8);
  });
});
