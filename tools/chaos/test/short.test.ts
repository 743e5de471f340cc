/**
 * The chaos command in short: every kind of fault at least once, on a few hundred jobs and four workers, through the command's own
 * way. Where it goes red it prints the seed, the broken laws and where the evidence lies; the same plan is had again with
 * `npm run chaos -- --seed 1 --jobs 300 --workers 4 --minutes 0.6 --all-kinds`.
 */
import { expect, test } from 'vitest';
import { chaos } from '../src/chaos.ts';
import { KINDS } from '../src/kinds.ts';

const SHORT = {
  seed: 1,
  jobs: 300,
  workers: 4,
  minutes: 0.6,
  density: 1,
  calls: 0,
  allKinds: true,
  only: [],
  keep: false,
};

test('with every kind of fault nothing is lost, nothing happens twice, and no law is broken', async () => {
  const lines: string[] = [];
  const options = { ...SHORT, markdown: undefined, json: undefined };
  const code = await chaos(options, new AbortController().signal, (line) => lines.push(line));
  const told = lines.join('\n');
  expect(code, told).toBe(0);
  for (const { words } of KINDS) expect(told).toContain(words);
});
