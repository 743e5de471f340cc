import { describe, expect, test } from 'vitest';
import { judge } from '../src/judge.ts';
import { lawsBrokenBy, rewrite, away, delay } from './doctor.ts';
import { FINE, RETRIED, soundEvidence, type Doctored } from './sound-evidence.ts';

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

  test.each<[string, Doctored['absences'][number]]>([
    ['began too late to have cost it its lease', { worker: 'w1', why: 'frozen', fromMs: 17_000, toMs: 23_000 }],
    ['was over so early that it would have renewed', { worker: 'w1', why: 'frozen', fromMs: 11_000, toMs: 15_000 }],
    ['is another worker’s', { worker: 'w0', why: 'frozen', fromMs: 12_500, toMs: 18_500 }],
  ])('a worker that is told lost, where the only absence %s', (_, absence) => {
    expect(lawsBrokenBy((evidence) => (evidence.absences = [absence]))).toEqual([4]);
  });

  test('an absence that was over, where its worker could not renew because Postgres was away, is no such loss', () => {
    const laws = lawsBrokenBy((evidence) => {
      evidence.absences = [{ worker: 'w1', why: 'frozen', fromMs: 11_000, toMs: 15_000 }];
      evidence.outages = [away('postgres', 15_000, 17_000)];
    });
    expect(laws).toEqual([]);
  });

  test.each([
    ['within the second of its stage', 6150, 6600, []],
    ['before its stage began', 5000, 5500, [4]],
    ['after the time of its stage', 7500, 7900, [4]],
  ])('a timeout of a stage that did nothing wrong, but where its worker was absent %s', (_, fromMs, toMs, laws) => {
    const found = lawsBrokenBy((evidence) => {
      delay(evidence, RETRIED, 6500, 2000);
      evidence.ledger = evidence.ledger.filter(({ what }) => what !== 'fail');
      evidence.events = evidence.events.map((one) =>
        one.event === 'retry_scheduled' ? { ...one, reason: 'timeout' } : one,
      );
      evidence.absences = [...evidence.absences, { worker: 'w0', why: 'frozen', fromMs, toMs }];
    });
    expect(found).toEqual(laws);
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

  describe('the end of a worker,', () => {
    function ended(doctor: (evidence: Doctored) => void): ReturnType<typeof judge> {
      const evidence = soundEvidence();
      evidence.absences = [];
      evidence.workers = evidence.workers.map((life) =>
        life.name === 'w1' ? { ...life, killedMs: undefined, signal: null, code: 0, termedMs: 9000 } : life,
      );
      doctor(evidence);
      return judge(evidence);
    }
    const both = [away('postgres', 13_000, 14_000), away('redis', 13_000, 14_000)] as const;

    test('but not with both stores away: that is documented, and counted', () => {
      const { violations, spent } = ended((e) => (e.outages = both));
      expect(violations).toEqual([]);
      expect(spent.documented).toBe(1);
    });

    test('nor with Postgres away, and its word in Redis lost with Redis’ data', () => {
      const { violations, spent } = ended((evidence) => {
        evidence.outages = both.slice(0, 1);
        evidence.faults = [
          { kind: 'redis-flush', lane: 'redis', fromMs: 15_000, toMs: 15_010, inFlight: 1, waiting: 0 },
        ];
      });
      expect(violations).toEqual([]);
      expect(spent.documented).toBe(1);
    });

    test.each<[string, (evidence: Doctored) => void]>([
      ['with both stores late', (e) => (e.outages = both.map((one) => ({ ...one, how: 'slow' as const })))],
      ['with one of them late', (e) => (e.outages = [both[0], { ...both[1], how: 'slow' }])],
      ['with both away for the other half', (e) => (e.outages = both.map((one) => ({ ...one, side: 0 as const })))],
      ['with Postgres alone away', (e) => (e.outages = both.slice(0, 1))],
      ['with Redis alone away', (e) => (e.outages = both.slice(1))],
      [
        'with Redis away, and back before it had to say a word',
        (e) => (e.outages = [both[0], away('redis', 9500, 10_000)]),
      ],
      [
        'with Postgres away, and back while it could settle yet',
        (e) => (e.outages = [away('postgres', 9500, 10_000), both[1]]),
      ],
      [
        'with Redis’ data lost before it said a word',
        (e) => {
          e.outages = both.slice(0, 1);
          e.faults = [{ kind: 'redis-flush', lane: 'redis', fromMs: 9500, toMs: 9510, inFlight: 1, waiting: 0 }];
        },
      ],
    ])('%s', (_, doctor) => {
      expect(ended(doctor).violations.map(({ law }) => law)).toEqual([4]);
    });
  });
});
