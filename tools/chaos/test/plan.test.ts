import { describe, expect, test } from 'vitest';
import { KINDS } from '../src/kinds.ts';
import { ACTS, enqueueAtMs, makePlan, OPERATORS } from '../src/plan.ts';

const SMALL = { seed: 5, jobs: 400, workers: 4, minutes: 1, density: 1, calls: 0, allKinds: false, only: [] };

test('the same seed gives the same plan, another seed another', () => {
  expect(makePlan(SMALL)).toEqual(makePlan(SMALL));
  expect(makePlan({ ...SMALL, seed: 6 }).steps).not.toEqual(makePlan(SMALL).steps);
  expect(makePlan({ ...SMALL, seed: 6 }).jobIds[0]).not.toBe(makePlan(SMALL).jobIds[0]);
});

test('job ids have the form of a UUID and are all different', () => {
  const { jobIds } = makePlan(SMALL);
  expect(new Set(jobIds).size).toBe(400);
  expect(jobIds.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true);
});

test('some kinds are switched off per seed, never those that the acceptance counts; all are on where that is asked for', () => {
  const plans = Array.from({ length: 100 }, (_, seed) => makePlan({ ...SMALL, jobs: 20, seed }));
  const needed = KINDS.filter(({ mayBeOff }) => !mayBeOff).map(({ name }) => name);
  for (const { off, steps } of plans) {
    expect(off.length).toBeGreaterThan(0);
    expect(off.some((name) => needed.includes(name))).toBe(false);
    expect(steps.some(({ kind }) => off.includes(kind))).toBe(false);
  }
  expect(new Set(plans.flatMap(({ off }) => off)).size).toBe(KINDS.length - needed.length);
  expect(new Set(makePlan({ ...SMALL, allKinds: true }).steps.map(({ kind }) => kind)).size).toBe(KINDS.length);
  expect(makePlan({ ...SMALL, only: ['outage'] }).steps.map(({ kind }) => kind)).toEqual(['outage']);
});

test('20,000 jobs bring as many faults as the acceptance asks for, and 5 % of misbehaving jobs', () => {
  const { steps, acts } = makePlan({
    seed: 1,
    jobs: 20_000,
    workers: 10,
    minutes: 12,
    density: 1,
    calls: 0,
    allKinds: false,
    only: [],
  });
  const count = (...kinds: string[]): number => steps.filter(({ kind }) => kinds.includes(kind)).length;
  expect(count('worker-kill')).toBeGreaterThanOrEqual(200);
  expect(count('redis-kill', 'redis-tail', 'redis-empty')).toBeGreaterThanOrEqual(20);
  expect(count('postgres-crash')).toBeGreaterThanOrEqual(20);
  expect(count('redis-flush')).toBeGreaterThanOrEqual(5);
  expect(acts.size).toBeGreaterThanOrEqual(1000);
  const half = makePlan({ ...SMALL, jobs: 20_000, density: 0.5 }).steps.filter(({ kind }) => kind === 'worker-kill');
  expect(half).toHaveLength(110);
});

describe('within the run', () => {
  const { steps, durationMs, acts, jobIds, leaseMs } = makePlan({ ...SMALL, allKinds: true });

  test('faults come in order, while there is load', () => {
    const times = steps.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.every((atMs) => atMs > 0 && atMs < durationMs * 0.95)).toBe(true);
  });

  test('absences that are to outlast the lease do', () => {
    const long = steps.filter(({ kind }) => ['worker-freeze', 'loop-block', 'outage', 'partition'].includes(kind));
    expect(long.every(({ forMs }) => forMs > leaseMs)).toBe(true);
  });

  test('every way to misbehave is there, hanging and spinning only in the stage that has a time limit', () => {
    expect(new Set([...acts.values()].map(({ act }) => act))).toEqual(new Set(ACTS));
    const timed = [...acts.values()].filter(({ act }) => act === 'hang' || act === 'spin');
    expect(timed.every(({ stage }) => stage === 'trial')).toBe(true);
    expect([...acts.keys()].every((jobId) => jobIds.includes(jobId))).toBe(true);
  });

  test('a tenth is enqueued at once, the rest evenly, in order', () => {
    const plan = { jobs: 100, durationMs: 1000 };
    expect(enqueueAtMs(plan, 9)).toBe(0);
    expect(enqueueAtMs(plan, 10)).toBe(0);
    expect(enqueueAtMs(plan, 55)).toBeCloseTo(475, 0);
    expect(enqueueAtMs(plan, 99)).toBeLessThan(950);
  });
});

test('operators ask for everything, in order of time, each for one job or some; without calls nobody does', () => {
  const { calls, durationMs } = makePlan({ ...SMALL, calls: 1000 });
  expect(calls).toEqual(makePlan({ ...SMALL, calls: 1000 }).calls);
  expect(calls).toHaveLength(1000);
  const asked = new Set(calls.map(({ what }) => what));
  expect(asked).toEqual(new Set(['enqueue', 'cancel', 'retry', 'retry_all', 'discard', 'clear', 'pause']));
  expect(new Set(calls.map(({ operator }) => operator)).size).toBe(OPERATORS);
  const times = calls.map(({ atMs }) => atMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times.at(-1)).toBeLessThan(durationMs);
  expect(Math.max(...calls.map(({ picks }) => picks.length))).toBe(5);
  expect(makePlan(SMALL).calls).toEqual([]);
});

test('a density of 0 injects no fault', () => {
  expect(makePlan({ ...SMALL, density: 0 }).steps).toEqual([]);
});
