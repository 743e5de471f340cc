// What a command is: how it is written, what it needs, and what it does. `prepare` judges the words (and throws a
// UsageError) before any configuration is read or any server is asked; the act it gives back gets the open stores. A file
// of commands/ is one of these; parse-command-line.ts turns them into yargs, run-command-line.ts runs the one that was meant.
import type { Clock, Environment, Logger } from '@jobhive/config';
import type { OpenQueue } from '@jobhive/queue';
import type { Arguments } from './arguments/arguments.ts';
import type { Output } from './print/output.ts';

/** `wanted`: waited for as long as a dial takes; its absence is part of the answer. */
export type Need = 'needed' | 'wanted' | 'unneeded';

export interface Needs {
  readonly postgres: Need;
  readonly redis: Need;
  readonly migrated: boolean;
}

export const RECORD: Needs = { postgres: 'needed', redis: 'unneeded', migrated: true };
export const RECORD_AND_REDIS: Needs = { postgres: 'needed', redis: 'needed', migrated: true };
export const RECORD_REDIS_IF_THERE: Needs = { postgres: 'needed', redis: 'wanted', migrated: true };

export interface Setting {
  readonly environment: Environment;
  readonly open: OpenQueue;
  readonly out: Output;
  readonly stderr: NodeJS.WritableStream;
  readonly log: Logger;
  readonly clock: Clock;
  /** Aborted when the program is asked to end. */
  readonly shutdown: AbortSignal;
  /** Who asks, for the history. */
  readonly by: string;
}

export interface Act {
  readonly needs: Needs;
  /** Has no end of its own: a signal is its end in good order, also while it still waits for its stores. */
  readonly lasts?: boolean;
  /** Ends by itself when `shutdown` is aborted, and says what was done; others are left, and end with 1 unless they last. */
  readonly heedsShutdown?: boolean;
  /** Draws on the whole terminal: no log may be written between. */
  readonly fullScreen?: boolean;
  /** Judges the place it runs in, before anything is read or opened. @throws UsageError */
  readonly requires?: () => void;
  /** @returns the exit code; none is 0 */
  run(setting: Setting): Promise<number | void>;
}

export interface Option {
  readonly type: 'text' | 'flag';
  readonly describe: string;
  /** The closed list of what it takes, for completion. */
  readonly values?: readonly string[];
}

export interface Command {
  /** As yargs reads it: `why <job_id>`, `enqueue [job_ids..]`; `$0` is the parent's default. */
  readonly syntax: string | readonly string[];
  readonly describe: string;
  readonly positionals?: Readonly<Record<string, string>>;
  /** The closed list of what its first word may be, for completion. */
  readonly values?: readonly string[];
  readonly options?: Readonly<Record<string, Option>>;
  readonly examples?: readonly (readonly [command: string, does: string])[];
  readonly commands?: readonly Command[];
  /** Gives no document: it lives on, or draws. */
  readonly withoutJson?: boolean;
  /** A text to show, from the words alone, in place of an act. */
  readonly say?: (args: Arguments) => string;
  prepare(args: Arguments): Act;
}
