import { expect, test } from 'vitest';
import { parseOptions, WrongUsageError } from '../src/options.ts';

const silent = (): void => undefined;

test('without arguments there are defaults, and the time goes with the jobs', async () => {
  expect(await parseOptions([], silent)).toMatchObject({ seed: 1, jobs: 2000, workers: 6, allKinds: false, only: [] });
  const many = await parseOptions(['--jobs', '17000', '--seed', '9'], silent);
  expect(many).toMatchObject({ seed: 9, jobs: 17_000, minutes: 10 });
});

test('faults may be none, and operators may call', async () => {
  expect(await parseOptions(['--density', '0', '--calls', '500'], silent)).toMatchObject({ density: 0, calls: 500 });
});

test('what was kept can be judged again', async () => {
  expect(await parseOptions([], silent)).toMatchObject({ judgeOnly: false });
  expect(await parseOptions(['--judge-only'], silent)).toMatchObject({ judgeOnly: true });
});

test('help is printed, and nothing is run', async () => {
  const printed: string[] = [];
  expect(await parseOptions(['--help'], (text) => printed.push(text))).toBeUndefined();
  for (const name of ['--seed', '--jobs', '--workers', '--minutes']) expect(printed.join('')).toContain(name);
});

test.each([
  [['--jobs', '0']],
  [['--jobs', 'many']],
  [['--seed', '-1']],
  [['--workers', '1']],
  [['--minutes', '0']],
  [['--calls', '-1']],
  [['--density', '11']],
  [['--only', 'earthquake']],
  [['--unknown']],
])('%j is wrong usage', async (args) => {
  await expect(parseOptions(args, silent)).rejects.toThrow(WrongUsageError);
});
