/** The search: every law holds wherever the system can get to. How far that is, is printed. */
import { expect, it } from 'vitest';
import { explore, type ExploreOptions } from '../../src/machine/explore.ts';
import { DEATH_ANYWHERE, EVERY_FAULT, SOUND } from '../../src/machine/rules.ts';

const SEARCHES: readonly (ExploreOptions & { name: string; worldsMin: number })[] = [
  { name: '3 workers, 2 jobs, a death anywhere', faults: DEATH_ANYWHERE, worldsMin: 50_000 },
  { name: '3 workers, 1 job, every fault', jobs: 1, faults: EVERY_FAULT, worldsMin: 5_000 },
];

it.each(SEARCHES)('no law is broken: $name', { timeout: 120_000 }, ({ name, worldsMin, ...options }) => {
  const { worlds, steps, broken } = explore(SOUND, options);
  console.log(`${name}: ${String(worlds)} worlds, ${String(steps)} steps`);
  expect(broken).toBeNull();
  expect(worlds, 'it went far').toBeGreaterThan(worldsMin);
});
