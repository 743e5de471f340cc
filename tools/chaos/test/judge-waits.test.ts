import { describe, expect, test } from 'vitest';
import { lawsBrokenBy, away, delay } from './doctor.ts';
import { DEAD, LOST, type Doctored } from './sound-evidence.ts';

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

describe('law 6, for a job whose worker was killed,', () => {
  /** Claimed again at 21,100; the worker was killed at 13,500, the lease is 5 s. */
  const late = (evidence: Doctored): void => delay(evidence, LOST, 18_000, 3000);

  test.each<[string, (evidence: Doctored) => void]>([
    ['in quiet times', () => undefined],
    [
      'though a store was away before and after',
      (e) => (e.outages = [away('postgres', 11_000, 12_000), away('redis', 21_200, 23_000)]),
    ],
    ['though a store was away, for less than it is late', (e) => (e.outages = [away('redis', 14_000, 14_100)])],
    ['though leases were moved on before, and renewed since', (e) => (e.leasesMovedMs = [12_400])],
    ['though leases were moved on after', (e) => (e.leasesMovedMs = [20_900])],
    [
      'though its worker is told to have killed itself',
      (e) => (e.workers = e.workers.map((one) => ({ ...one, killedMs: undefined }))),
    ],
  ])('is broken where it is claimed again too late %s', (_, doctor) => {
    const laws = lawsBrokenBy((evidence) => {
      evidence.ledger.push({ ...(evidence.ledger.at(-1) as Doctored['ledger'][number]), what: 'crash', worker: 'w1' });
      late(evidence);
      doctor(evidence);
    });
    expect(laws).toEqual([6]);
  });

  describe('told lost in time, and claimed again at 21,100,', () => {
    function claimedLate(seen: readonly [number, number], killedMs: number): number[] {
      return lawsBrokenBy((evidence) => {
        delay(evidence, LOST, 18_100, 3000);
        evidence.taken = new Map([[LOST, [{ afterMs: seen[0] - 100, fromMs: seen[0], toMs: seen[1] }]]]);
        evidence.absences = [...evidence.absences, { worker: 'w9', why: 'killed', fromMs: killedMs, toMs: Infinity }];
      });
    }

    test('it holds where it was taken by somebody who was killed, too', () => {
      expect(claimedLate([18_200, 21_050], 19_000)).toEqual([]);
    });

    test.each([
      ['nobody had taken it', [2000, 2100], 19_500],
      ['its taker was not killed', [18_200, 21_050], 17_000],
      ['it was back in line long ago', [18_200, 18_400], 18_300],
      ['its taker was killed more than three seconds ago', [14_000, 21_050], 18_010],
      ['its taker neglected it, and another was killed much later', [18_200, 21_050], 19_500],
    ] as const)('it is broken where %s', (_, seen, killedMs) => {
      expect(claimedLate(seen, killedMs)).toEqual([6]);
    });
  });

  test('told lost in time, and claimed again at 21,100, it holds where Redis had lost its line, not long ago nor when it was due', () => {
    const lost = (kind: string, atMs: number): number[] =>
      lawsBrokenBy((evidence) => {
        delay(evidence, LOST, 18_100, 3000);
        evidence.faults = [{ kind, lane: 'redis', fromMs: atMs, toMs: atMs + 10, inFlight: 1, waiting: 0 }];
      });
    expect(lost('redis-flush', 18_300)).toEqual([]);
    expect(lost('redis-empty', 18_300)).toEqual([]);
    expect(lost('redis-scripts', 18_300)).toEqual([6]);
    expect(lost('redis-flush', 17_900)).toEqual([6]);
    expect(lost('redis-flush', 20_600)).toEqual([6]);
  });

  test('holds where it was to run alone, and he who waited for that was killed; not where another was, or he long ago', () => {
    const awaitedBy = (worker: string, killedMs: number, untilMs = 23_000): number[] =>
      lawsBrokenBy((evidence) => {
        delay(evidence, LOST, 18_100, 5000);
        evidence.awaited = [{ jobId: LOST, worker, atMs: 18_050 }];
        evidence.taken = new Map([[LOST, [{ afterMs: 17_900, fromMs: 18_000, toMs: untilMs }]]]);
        evidence.absences = [...evidence.absences, { worker: 'w9', why: 'killed', fromMs: killedMs, toMs: Infinity }];
      });
    expect(awaitedBy('w9', 20_500)).toEqual([]);
    expect(awaitedBy('w8', 20_500)).toEqual([6]);
    expect(awaitedBy('w9', 20_000)).toEqual([6]);
    expect(awaitedBy('w9', 20_500, 19_000)).toEqual([6]); // it had put the job back before
  });

  describe('told lost in time, and claimed by w0 at 24,100, which waited to run it alone,', () => {
    const waited = (doctor: (evidence: Doctored) => void): number[] =>
      lawsBrokenBy((evidence) => {
        delay(evidence, LOST, 18_100, 6000);
        delay(evidence, DEAD, 11_000, 12_400); // in the hands of w0 until then
        evidence.rows = evidence.rows.map((row) => (row.jobId === DEAD ? { ...row, finishedMs: 23_400 } : row));
        evidence.redis = { ...evidence.redis, deadLetters: new Map([[DEAD, 23_400]]) };
        evidence.ledger = evidence.ledger.map((one) => (one.what === 'permanent' ? { ...one, at: 23_300 } : one));
        evidence.awaited = [{ jobId: LOST, worker: 'w0', atMs: 18_300 }];
        doctor(evidence);
      });

    test('it holds where something ran beside it until shortly before', () => {
      expect(waited(() => undefined)).toEqual([]);
    });

    test('it holds where what it had waited for before ran first', () => {
      const laws = waited((e) => {
        delay(e, DEAD, 10_000, 9000);
        e.awaited = [{ jobId: DEAD, worker: 'w0', atMs: 18_200 }, ...e.awaited];
        e.redis = { ...e.redis, deadLetters: new Map([[DEAD, 32_400]]) };
        e.rows = e.rows.map((row) => (row.jobId === DEAD ? { ...row, finishedMs: 32_400 } : row));
      });
      expect(laws).not.toContain(6);
    });

    test.each<[string, (evidence: Doctored) => void]>([
      ['it did not say so', (e) => (e.awaited = [])],
      ['another said so', (e) => (e.awaited = [{ jobId: LOST, worker: 'w1', atMs: 18_300 }])],
      ['it said so too late', (e) => (e.awaited = [{ jobId: LOST, worker: 'w0', atMs: 22_000 }])],
      ['what ran beside it was claimed later', (e) => delay(e, DEAD, 10_000, 9000)],
    ])('it is broken where %s', (_, doctor) => {
      expect(waited(doctor)).toContain(6);
    });
  });

  test('is broken where it failed with its worker, and too late', () => {
    const laws = lawsBrokenBy((evidence) => {
      evidence.events = evidence.events.filter(({ jobId, atMs }) => jobId !== LOST || atMs <= 18_000);
      evidence.ledger = evidence.ledger.filter(({ job, at }) => job !== LOST || at <= 18_000);
      late(evidence);
    });
    expect(laws).toContain(6);
  });

  test.each<[string, (evidence: Doctored) => void]>([
    ['for as long as a store was away', (e) => (e.outages = [away('postgres', 14_000, 14_500)])],
    ['after all leases were moved on', (e) => (e.leasesMovedMs = [16_000])],
    ['since all leases were moved on at the very last', (e) => (e.leasesMovedMs = [13_000])],
  ])('holds where it is late %s', (_, doctor) => {
    const laws = lawsBrokenBy((evidence) => {
      late(evidence);
      doctor(evidence);
    });
    expect(laws).toEqual([]);
  });
});
