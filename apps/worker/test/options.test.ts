import { UsageError } from '@jobhive/config';
import { expect, test } from 'vitest';
import { parseOptions } from '../src/options.ts';

const parse = (...args: string[]) => parseOptions(args, () => undefined);

test('nothing given leaves it to the environment', async () => {
  expect(await parse()).toEqual({ name: undefined, concurrency: undefined, burst: false });
});

test('name, concurrency and burst are taken', async () => {
  expect(await parse('--name', 'a', '--concurrency=4', '--burst')).toEqual({ name: 'a', concurrency: 4, burst: true });
});

test('--help is printed and nothing is run', async () => {
  let printed = '';
  expect(await parseOptions(['--help'], (text) => (printed += text))).toBeUndefined();
  expect(printed).toContain('--concurrency');
  expect(printed).toContain('PIPELINE_MODULE');
});

test.each([
  [['--concurrency', '0'], /whole number from 1/],
  [['--concurrency', 'two'], /whole number from 1/],
  [['--concurrency', '1.5'], /whole number from 1/],
  [['--name', 'a b'], /--name/],
  [['--name', ''], /--name/],
  [['--frobnicate'], /frobnicate/],
  [['stray'], /--help/],
])('%j is refused with what to do', async (args, message) => {
  const refused = parse(...args);
  await expect(refused).rejects.toThrow(UsageError);
  await expect(refused).rejects.toThrow(message);
});
