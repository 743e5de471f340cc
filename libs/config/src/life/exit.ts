/**
 * The life of a program, from its `main` to its exit code. It ends when `main` does, also where handles were left open,
 * and after all that was written has been taken. An error becomes one `error: ` line. A reader of stdout that went
 * (`| head`) asks for an orderly end with 0. What nobody caught ends it with 1, as
 * does a `main` which can no longer end by itself.
 */
import { systemClock, type Clock } from '../time/clock.ts';
import { sleep } from '../time/sleep.ts';
import { explainFailure, explainUncaught, type Failure } from './failure.ts';
import { listenForShutdown, type Shutdown } from './shutdown.ts';

/** Its number is the exit code, 0 where it gives none. `shutdown` is aborted when the program is asked to end. */
export type Program = (shutdown: AbortSignal) => Promise<number | void>;

/** The part of `process` that a program lives in. */
export type Host = NodeJS.EventEmitter & {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly env: NodeJS.ProcessEnv;
  exit(code: number): void;
};

export interface ProgramOptions {
  readonly host?: Host;
  readonly clock?: Clock;
}

/** How long, once the end was asked for, a slow reader, or a `main` whose stdout was closed, may still hold it up. */
const HELD_UP_MS = 5_000;

/** The last call of a `main.ts`: takes the process over and ends it. */
export function runProgram(main: Program, { host = process, clock = systemClock }: ProgramOptions = {}): void {
  const debug = host.env['LOG_LEVEL'] === 'debug';
  let ending = false;
  const end = ({ exitCode, lines }: Failure): void => {
    if (ending) return;
    ending = true;
    for (const line of lines) host.stderr.write(`${line}\n`);
    void flushed(host, shutdown.signal)
      .then(() => host.exit(exitCode))
      .catch((error: unknown) => {
        for (const line of explainUncaught(error, debug).lines) host.stderr.write(`${line}\n`);
        host.exit(1); // a listener of the exit threw, and it was not the end; asked again, Node asks no listener
      });
  };
  const shutdown = listenForShutdown(host, clock, (signal) => {
    host.stderr.write(`error: ended at once by a second ${signal}; what was in hand is taken up again later\n`);
    host.exit(1);
  });
  listenToOutput(host, shutdown, end);
  for (const kind of ['uncaughtException', 'unhandledRejection'] as const) {
    host.on(kind, (error: unknown) => end(explainUncaught(error, debug)));
  }
  host.on('beforeExit', () => end(NOTHING_LEFT));
  void ended(main, shutdown.signal).then(
    (exitCode) => end({ exitCode, lines: [] }),
    (error: unknown) => end(explainFailure(error, debug)),
  );
}

const NOTHING_LEFT: Failure = {
  exitCode: 1,
  lines: ['error: the program ran out of things to wait for before its work was done; report this as a bug'],
};

async function ended(main: Program, shutdown: AbortSignal): Promise<number> {
  const code: unknown = await main(shutdown);
  return typeof code === 'number' ? code : 0; // a program that gives none may resolve to anything
}

/** A closed stdout asks for the end; any other error of it is one. A broken stderr has no place left to be told. */
function listenToOutput(host: Host, shutdown: Shutdown, end: (failure: Failure) => void): void {
  host.stderr.on('error', () => undefined);
  host.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') return end(explainUncaught(error, false));
    shutdown.readerWent();
    void sleep(HELD_UP_MS).then(() => end({ exitCode: 0, lines: [] }));
  });
}

/** Resolves when all output was taken or cannot be; once the end was asked for, after a bounded time in any case. */
async function flushed(host: Host, shutdown: AbortSignal): Promise<void> {
  const taken = [host.stdout, host.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
  );
  await Promise.race([Promise.all(taken), aborted(shutdown).then(() => sleep(HELD_UP_MS))]);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
