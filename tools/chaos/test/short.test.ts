/**
 * The chaos command in short, through the command's own way: every kind of fault at least once, on a few hundred jobs and four workers;
 * and thousands of operators' calls, by eight at once, without faults. Where it goes red it prints the seed, the broken laws and where the
 * evidence lies; the same plans are had again with `npm run chaos -- --seed 1 --jobs 300 --workers 4 --minutes 0.6 --all-kinds` and with
 * `npm run chaos -- --seed 2 --jobs 400 --workers 3 --minutes 0.4 --density 0 --calls 2000`.
 */
import { expect, test } from 'vitest';
import { chaos } from '../src/chaos.ts';
import { KINDS } from '../src/kinds.ts';
import type { Options } from '../src/options.ts';

const FAULTS: Options = {
  seed: 1,
  jobs: 300,
  workers: 4,
  minutes: 0.6,
  density: 1,
  calls: 0,
  allKinds: true,
  only: [],
  keep: false,
  judgeOnly: false,
  markdown: undefined,
  json: undefined,
};

async function told(options: Options): Promise<string> {
  const lines: string[] = [];
  const code = await chaos(options, new AbortController().signal, (line) => lines.push(line));
  expect(code, lines.join('\n')).toBe(0);
  return lines.join('\n');
}

test('with every kind of fault nothing is lost, nothing happens twice, and no law is broken', async () => {
  const text = await told(FAULTS);
  for (const { words } of KINDS) expect(text).toContain(words);
});

test('thousands of calls of concurrent operators leave both stores as they asked, and no law is broken', async () => {
  const text = await told({ ...FAULTS, seed: 2, jobs: 400, workers: 3, minutes: 0.4, density: 0, calls: 2000 });
  expect(text).toMatch(/2\d{3} calls of operators, \d+ refused, 0 unanswered/);
});
