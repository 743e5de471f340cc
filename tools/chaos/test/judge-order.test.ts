import { describe, expect, test } from 'vitest';
import { judge } from '../src/judge.ts';
import { lawsBrokenBy, away, delay } from './doctor.ts';
import { FINE, soundEvidence, type Doctored } from './sound-evidence.ts';

describe('law 5', () => {
  /** Claimed at 7000; a later job was at 5000. */
  const late = (evidence: Doctored): void => delay(evidence, FINE, 2000, 5000);
  const seenTaken = (evidence: Doctored, fromMs: number, toMs: number): void => {
    evidence.taken = new Map([[FINE, [{ afterMs: fromMs - 100, fromMs, toMs }]]]);
  };
  const deliveredAgain = (evidence: Doctored, atMs: number): void => {
    const at = evidence.events.findIndex(({ jobId, event }) => jobId === FINE && event === 'claimed');
    const again = { jobId: FINE, atMs, attempt: 0, worker: null, stage: undefined };
    evidence.events.splice(at, 0, { ...again, event: 'dispatched', reason: 'redis_restarted' });
  };
  const killed = (evidence: Doctored, fromMs: number): void => {
    evidence.absences = [...evidence.absences, { worker: 'w9', why: 'killed', fromMs, toMs: Infinity }];
  };
  /** He who compared the stores is killed, and another is seen to do it. */
  const comparing = (evidence: Doctored, fromMs: number, seenMs: number): void => {
    evidence.absences = [...evidence.absences, { worker: 'w8', why: 'killed', fromMs, toMs: Infinity }];
    evidence.handovers = [{ atMs: seenMs, from: 'w8' }];
  };

  const slow = (evidence: Doctored, store: 'redis' | 'postgres', fromMs: number, toMs: number): void => {
    evidence.outages = [{ store, side: undefined, how: 'slow', fromMs, toMs }];
  };

  test('is broken where a later job is taken first in quiet times', () => {
    expect(lawsBrokenBy(late)).toEqual([5]);
  });

  test('names what is passed while its entry is lost, which is counted', () => {
    const evidence = soundEvidence();
    late(evidence);
    deliveredAgain(evidence, 6900);
    const { violations, passed } = judge(evidence);
    expect(violations).toEqual([]);
    expect(passed).toMatchObject([{ jobId: FINE, named: true }]);
  });

  test.each<[string, (evidence: Doctored) => void]>([
    ['some worker is killed', (e) => killed(e, 4500)],
    [
      'its later claimer is frozen',
      (e) => (e.absences = [...e.absences, { worker: 'w0', why: 'frozen', fromMs: 4000, toMs: 4900 }]),
    ],
    ['both stores are away', (e) => (e.outages = [away('redis', 4000, 4800), away('postgres', 4000, 4800)])],
    [
      'Redis loses what came long after it',
      (e) => (e.faults = [{ kind: 'redis-tail', lane: 'redis', fromMs: 4000, toMs: 4800, inFlight: 1, waiting: 0 }]),
    ],
    [
      'Redis is bereft of its scripts',
      (e) => (e.faults = [{ kind: 'redis-scripts', lane: 'redis', fromMs: 4500, toMs: 4501, inFlight: 1, waiting: 0 }]),
    ],
    ['somebody has taken it, and nobody is lost', (e) => seenTaken(e, 1500, 6950)],
    [
      'somebody had taken it and was killed, and it was back in line at once',
      (e) => {
        seenTaken(e, 3500, 3700);
        killed(e, 3600);
      },
    ],
    [
      'somebody has taken it and neglects it, and another is killed much later',
      (e) => {
        seenTaken(e, 1500, 6950);
        killed(e, 3500);
      },
    ],
    [
      'somebody has taken it, and another was killed before that',
      (e) => {
        seenTaken(e, 4000, 6950);
        killed(e, 3000);
      },
    ],
    [
      'its taker was killed, and it was delivered again much later',
      (e) => {
        seenTaken(e, 1500, 6950);
        killed(e, 1600);
        deliveredAgain(e, 6900);
      },
    ],
    [
      'its taker was killed more than two seconds ago',
      (e) => {
        seenTaken(e, 1500, 6950);
        killed(e, 1600);
      },
    ],
    [
      'its taker was killed more than two seconds ago, and only then he who had to compare the stores',
      (e) => {
        seenTaken(e, 1500, 6950);
        killed(e, 1600);
        comparing(e, 3700, 5200);
      },
    ],
    [
      'its taker was killed, he who had to compare the stores, too, and nobody did in his place for long',
      (e) => {
        seenTaken(e, 1500, 6950);
        killed(e, 1600);
        comparing(e, 1700, 7900);
      },
    ],
    [
      'its taker was killed more than two seconds ago, and the comparing of the stores went from one who lives to another',
      (e) => {
        seenTaken(e, 1500, 6950);
        killed(e, 1600);
        e.handovers = [{ atMs: 5000, from: 'w0' }];
      },
    ],
    ['Postgres answers late, and nobody had taken it', (e) => slow(e, 'postgres', 4000, 6500)],
    [
      'somebody has taken it, and Redis answers late',
      (e) => {
        seenTaken(e, 4900, 7500);
        slow(e, 'redis', 4800, 6500);
      },
    ],
    [
      'somebody has taken it while Postgres answered late, long before',
      (e) => {
        seenTaken(e, 1500, 7500);
        slow(e, 'postgres', 1400, 3400);
      },
    ],
    [
      'Postgres answers late, and it is in line again before it is claimed',
      (e) => {
        seenTaken(e, 4900, 6000);
        slow(e, 'postgres', 4800, 6500);
      },
    ],
    [
      'it was not pushed, more than two seconds ago',
      (e) => (e.enqueued = e.enqueued.map((one) => ({ ...one, dispatched: false }))),
    ],
    [
      'its entry was lost, more than two seconds ago',
      (e) => (e.faults = [{ kind: 'redis-flush', lane: 'redis', fromMs: 1500, toMs: 1510, inFlight: 1, waiting: 0 }]),
    ],
    ['it was delivered again long before', (e) => deliveredAgain(e, 3000)],
  ])('is broken where a later job is taken first while %s', (_, doctor) => {
    const laws = lawsBrokenBy((evidence) => {
      late(evidence);
      doctor(evidence);
    });
    expect(laws).toEqual([5]);
  });

  test.each<[string, (evidence: Doctored) => void]>([
    [
      'its taker is killed',
      (e) => {
        seenTaken(e, 3200, 6950);
        killed(e, 3500);
      },
    ],
    [
      'its taker is killed, and is handed it while it ends',
      (e) => {
        seenTaken(e, 3200, 6950);
        e.workers = [
          ...e.workers,
          { ...e.workers[1], name: 'w9', killedMs: 2900, endedMs: 3100 } as Doctored['workers'][number],
        ];
        killed(e, 2900);
      },
    ],
    [
      'its taker is killed, and Redis is away for a while',
      (e) => {
        seenTaken(e, 1500, 6950);
        killed(e, 1600);
        e.outages = [away('redis', 1700, 3700)];
      },
    ],
    [
      'its taker is killed, who had to compare the stores',
      (e) => {
        seenTaken(e, 1500, 6950);
        killed(e, 1600);
        e.handovers = [{ atMs: 4200, from: undefined }];
      },
    ],
    [
      'its taker is killed, and before two seconds are over he who had to compare the stores',
      (e) => {
        seenTaken(e, 1500, 6950);
        killed(e, 1600);
        comparing(e, 3500, 6200);
      },
    ],
    [
      'it is taken, and Postgres answers its claim late',
      (e) => {
        seenTaken(e, 4900, 7500);
        slow(e, 'postgres', 4800, 6500);
      },
    ],
    [
      'it was not pushed, and Redis is away still',
      (e) => {
        e.enqueued = e.enqueued.map((one) => ({ ...one, dispatched: false }));
        e.outages = [away('redis', 1000, 4000)];
      },
    ],
    [
      'its entry is lost',
      (e) => (e.faults = [{ kind: 'redis-flush', lane: 'redis', fromMs: 3500, toMs: 3510, inFlight: 1, waiting: 0 }]),
    ],
  ])('names what is passed while %s', (_, doctor) => {
    const evidence = soundEvidence();
    late(evidence);
    doctor(evidence);
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
