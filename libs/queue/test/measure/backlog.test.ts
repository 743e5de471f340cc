import { expect, it } from 'vitest';
import { backlogSecondsPerWorker, type BacklogFacts } from '../../src/measure/backlog.ts';

const facts: BacklogFacts = {
  depth: 100,
  workers: [
    { slots: 1, meanMs: 2000 },
    { slots: 3, meanMs: 4000 },
  ],
  medianMs: 500,
};

it.each<[string, Partial<BacklogFacts>, number]>([
  ['is the work that waits, shared among all slots', {}, 75],
  ['is 0 where nothing waits', { depth: 0 }, 0],
  ['takes the last hour’s median where no worker has done a job yet', { workers: [{ slots: 2, meanMs: null }] }, 25],
  ['counts as if one lived where none does', { workers: [] }, 50],
  ['takes a job to last a second where nothing is known', { workers: [], medianMs: null }, 100],
])('the backlog %s', (_name, over, seconds) => {
  expect(backlogSecondsPerWorker({ ...facts, ...over })).toBe(seconds);
});
