/**
 * A program that only tests need: one on the search path, else Debian's package in a private cache. Rejects with what was
 * tried and what to install.
 */
import { ServerMissingError } from './errors.ts';
import { onPath } from './search-path.ts';

export interface Program {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface TestProgram {
  /** The first that is there is taken. */
  readonly names: readonly string[];
  /** As PATH; default the machine's. */
  readonly path?: string | undefined;
  /** `no WHAT` begins the message. */
  readonly what: string;
  /** How to come by it. */
  readonly install: string;
  /** Undefined where there is no apt. */
  readonly fetch: () => Promise<Program | undefined>;
}

export async function findTestProgram({ names, path, what, install, fetch }: TestProgram): Promise<Program> {
  const installed = names.map((name) => onPath(name, path)).find((file) => file !== undefined);
  if (installed !== undefined) return { file: installed, env: {} };
  let fetched: Program | undefined;
  try {
    fetched = await fetch();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ServerMissingError(`no ${what}, and Debian's could not be fetched (${reason}): ${install}`);
  }
  if (fetched !== undefined) return fetched;
  throw new ServerMissingError(`no ${what}, and no apt-get to fetch one privately: ${install}`);
}
