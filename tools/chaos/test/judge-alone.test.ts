/** What the judge says is worth as much as it is independent: of the workspace it may import the checker of histories, and no more. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const JUDGE = new URL('../src/judge.ts', import.meta.url).pathname;

/** All modules that this one imports at run time, and what those do, but packages: those are told. */
function importsOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/^import (?!type )[^;]* from '([^']+)'/gm)) {
    if (name.startsWith('.')) importsOf(resolve(dirname(file), name), seen);
    else seen.add(name);
  }
  return seen;
}

test('the judge imports nothing of the system', () => {
  const found = importsOf(JUDGE);
  const laws = readdirSync(join(dirname(JUDGE), 'laws')).map((name) => join(dirname(JUDGE), 'laws', name));
  expect([...found]).toEqual(expect.arrayContaining(laws));
  expect([...found].filter((name) => !name.startsWith('/'))).toEqual(['@jobhive/model']);
});
