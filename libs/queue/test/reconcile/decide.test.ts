import { describe, expect, it } from 'vitest';
import { addsUp, createSecondLook, decide, LOOK_AGAIN_MS, type Facts } from '../../src/reconcile/decide.ts';

const peek = { whole: true, runId: 'r1', entries: 0, waiting: 0, active: 0, deadLetters: 0 };
const rest: Facts = { peek, knownRunId: 'r1', redisBehind: null, waiting: false, mismatchSinceMs: null, nowMs: 10_000 };

const table: [string, Partial<Facts>, string[]][] = [
  ['nothing waits and nothing differs', {}, []],
  ['something waits in Postgres', { waiting: true }, ['rolling_page']],
  ['something stands in line', { peek: { ...peek, waiting: 1, entries: 1 } }, ['rolling_page']],
  ['Redis is not whole', { peek: { ...peek, whole: false } }, ['rebuild marker_missing']],
  [
    'Redis is not whole, and everything else differs',
    { peek: { ...peek, whole: false }, knownRunId: null, redisBehind: 3, waiting: true, mismatchSinceMs: 0 },
    ['rebuild marker_missing'],
  ],
  ['Redis was restarted', { knownRunId: 'r0', waiting: true, redisBehind: 3 }, ['whole_pass redis_restarted']],
  ['Redis was never seen before', { knownRunId: null }, ['whole_pass redis_restarted']],
  ['a push failed', { redisBehind: 7, waiting: true }, ['pass_from redis_behind 6', 'rolling_page']],
  ['the entries have not added up for less than two seconds', { mismatchSinceMs: 10_000 - LOOK_AGAIN_MS + 1 }, []],
  [
    'the entries have not added up for two seconds',
    { mismatchSinceMs: 10_000 - LOOK_AGAIN_MS },
    ['whole_pass count_mismatch ghosts'],
  ],
  [
    'that, and a push failed',
    { mismatchSinceMs: 0, redisBehind: 1 },
    ['whole_pass count_mismatch ghosts', 'pass_from redis_behind 0'],
  ],
];

describe('what to do about what was seen', () => {
  it.each(table)('where %s', (_what, over, repairs) => {
    const told = decide({ ...rest, ...over }).map((repair) =>
      [
        repair.kind,
        'reason' in repair ? repair.reason : '',
        'fromSeq' in repair ? repair.fromSeq : '',
        'ghosts' in repair && repair.ghosts ? 'ghosts' : '',
      ]
        .filter((word) => word !== '')
        .join(' '),
    );
    expect(told).toEqual(repairs);
  });

  it('entries add up where all of them stand in one list', () => {
    expect(addsUp({ ...peek, entries: 3, waiting: 2, active: 1 })).toBe(true);
    expect(addsUp({ ...peek, entries: 3, waiting: 2, active: 0 })).toBe(false);
    expect(addsUp({ ...peek, entries: 2, waiting: 2, active: 1 })).toBe(false);
  });
});

describe('a second look', () => {
  it('tells what was seen at two looks two seconds apart, and at every look between', () => {
    const twice = createSecondLook();
    expect(twice(['a', 'b'], 0).ripe).toEqual([]);
    expect(twice(['a', 'b'], 1000).ripe).toEqual([]);
    expect(twice(['a', 'b'], LOOK_AGAIN_MS).ripe).toEqual(['a', 'b']);
  });

  it('gives what was not to be acted on yet as soon as it is, if that was seen long enough', () => {
    const twice = createSecondLook();
    expect(twice(['a'], 0, { notYet: new Set('a') }).ripe).toEqual([]);
    expect(twice(['a'], 5000, { notYet: new Set('a') }).ripe).toEqual([]);
    expect(twice(['a'], 5001).ripe).toEqual(['a']);
    expect(twice(['a'], 5002).ripe).toEqual([]);
  });

  it('tells when the first of what it saw is ripe', () => {
    const twice = createSecondLook();
    expect(twice([], 0).nextMs).toBeNull();
    expect(twice(['a'], 0).nextMs).toBe(2000);
    expect(twice(['a', 'b'], 500).nextMs).toBe(1500);
    expect(twice(['a', 'b'], 500, { notYet: new Set('b') }).nextMs).toBe(1500);
    expect(twice(['a'], 500, { notYet: new Set('a') }).nextMs).toBe(2000);
    expect(twice(['a', 'b'], 500).nextMs).toBe(1500);
    expect(twice(['a', 'b'], 2000)).toEqual({ ripe: ['a'], nextMs: 500 });
    expect(twice(['b'], 2500)).toEqual({ ripe: ['b'], nextMs: null });
  });

  it('forgets what it did not see, and what it has told', () => {
    const twice = createSecondLook();
    twice(['a', 'b'], 0);
    twice(['b'], 1000);
    expect(twice(['a', 'b'], 2000).ripe).toEqual(['b']);
    expect(twice(['a', 'b'], 3000).ripe).toEqual([]);
    expect(twice(['a', 'b'], 4000).ripe).toEqual(['a']);
    expect(twice(['a', 'b'], 5000).ripe).toEqual(['b']);
  });
});
