/** A mutant: one small wrong in one file, and the tests that must not stand it. */

export interface Mutant {
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Project, and its test files; the run ends at the first that fails. */
  readonly project: string;
  readonly tests: readonly string[];
}

/** @throws where the text does not stand in the file exactly once: the mutant no longer says anything */
export function mutated(source: string, { name, file, find, replace }: Mutant): string {
  const parts = source.split(find);
  if (parts.length !== 2) {
    const count = String(parts.length - 1);
    throw new Error(
      `mutant "${name}": its text stands in ${file} ${count} times, not once; bring the mutant up to date`,
    );
  }
  return parts.join(replace);
}
