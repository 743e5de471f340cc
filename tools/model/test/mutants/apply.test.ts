/** A mutant that no longer applies says nothing: all are held against the sources with every run of the tests. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { CODE_MUTANTS } from '../../mutants/code-mutants.ts';
import { mutated } from '../../mutants/mutant.ts';
import { SQL_MUTANTS } from '../../mutants/sql-mutants.ts';

const MUTANTS = [...SQL_MUTANTS, ...CODE_MUTANTS];
const at = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

it('every mutant applies, and changes its file', () => {
  for (const mutant of MUTANTS) {
    const source = readFileSync(at(mutant.file), 'utf8');
    expect(mutated(source, mutant), mutant.name).not.toBe(source);
  }
});

it('every mutant names tests that are there', () => {
  const files = new Set(MUTANTS.flatMap(({ project, tests }) => tests.map((test) => `${project}/${test}`)));
  for (const file of files) expect(readFileSync(at(file), 'utf8')).not.toBe('');
});

it('a text that stands nowhere, or twice, is refused', () => {
  const mutant = { name: 'm', file: 'f.ts', find: 'x', replace: 'y', project: 'p', tests: [] };
  expect(() => mutated('a', mutant)).toThrow(/0 times/);
  expect(() => mutated('xx', mutant)).toThrow(/2 times/);
  expect(mutated('axb', mutant)).toBe('ayb');
});
