/**
 * The life of a program, from its `main` to its exit code. It ends when `main` does, also where handles were left open,
 * and after all that was written has been taken. An error becomes one `error: ` line. A reader of stdout that went
 * (`| head`) asks for an orderly end with 0. What nobody caught ends it with 1, as does a `main` that nothing can end.
 */
import { systemClock, type Clock } from '../time/clock.ts';
import { sleep } from '../time/sleep.ts';
import { explainFailure } from './failure.ts';
import { listenForShutdown } from './shutdown.ts';

/** Its number is the exit code, 0 where it gives none. `shutdown` is aborted when the program is asked to end. */
export type Program = (shutdown: AbortSignal) => Promise<number | void>;

/** The part of `process` that a program lives in. */
export type Host = Pick<NodeJS.Process, 'on' | 'stdout' | 'stderr' | 'env' | 'exit'>;

export interface ProgramOptions {
  readonly host?: Host;
  readonly clock?: Clock;
}

/** How long a reader may hold up the end once that was asked for, and an end after stdout was closed. */
const HELD_UP_MS = 5_000;

/** The last call of a `main.ts`: takes over the process and ends it. */
export function runProgram(main: Program, { host = process, clock = systemClock }: ProgramOptions = {}): void {
  let ending = false;
  const end = (exitCode: number, lines: readonly string[] = []): void => {
    if (ending) return;
    ending = true;
    for (const line of lines) host.stderr.write(`${line}\n`);
    void flushed(host, shutdown.signal).then(() => host.exit(exitCode));
  };
  const fail = (error: unknown): void => {
    const { exitCode, lines } = explainFailure(error, host.env['LOG_LEVEL'] === 'debug');
    end(exitCode, lines);
  };
  const shutdown = listenForShutdown(host, clock, (signal) => {
    host.stderr.write(`error: ended at once by a second ${signal}; what was in hand is taken up again by others\n`);
    host.exit(1);
  });
  watchOutput(host, () => closedOutput(shutdown, end), fail);
  host.on('uncaughtException', fail);
  host.on('unhandledRejection', fail);
  host.on('beforeExit', () => end(1, ['error: nothing was left to wait for before the work was done; please report this']));
  void start(main, shutdown.signal).then((exitCode) => end(exitCode ?? 0), fail);
}
