/** A mutant: one small wrong in one file, and the tests that must not stand it. */

export interface Mutant {
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** A second place, where the wrong takes two. */
  readonly also?: Pick<Mutant, 'find' | 'replace'> | undefined;
  /** Project, and its test files; the run ends at the first that fails. */
  readonly project: string;
  readonly tests: readonly string[];
}

/** Those of one file, for the tests of one project; some show only in another project than the one they stand in. */
export const mutantsOf =
  (file: string, project: string, tests: readonly string[]) =>
  (name: string, find: string, replace: string, also?: Mutant['also']): Mutant => ({
    name,
    file,
    find,
    replace,
    also,
    project,
    tests: tests.map((test) => `test/${test}.test.ts`),
  });

/** @throws where a text does not stand in the file exactly once: the mutant no longer says anything */
export function mutated(source: string, mutant: Mutant): string {
  const places = mutant.also === undefined ? [mutant] : [mutant, mutant.also];
  return places.reduce((text, place) => replaced(text, place, mutant), source);
}

function replaced(text: string, { find, replace }: Pick<Mutant, 'find' | 'replace'>, { name, file }: Mutant): string {
  const parts = text.split(find);
  if (parts.length !== 2) {
    const count = String(parts.length - 1);
    throw new Error(
      `mutant "${name}": its text stands in ${file} ${count} times, not once; bring the mutant up to date`,
    );
  }
  return parts.join(replace);
}
