/**
 * The built programs as child processes: their exit code, their streams, signals. Whatever is still running when this process
 * ends, in whatever way (vitest ends its forks by a signal), is killed by the guard. `.js` files are run with this Node.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { forgetProcess, guardProcess } from '@jobhive/servers';
import { WaitError, waitFor } from './wait-for.ts';

export interface ProgramOptions {
  /** Added to a bare environment (PATH, HOME): nothing of ours leaks into the program. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly input?: string;
  /** After which it is killed, and the run fails; default 60 s. */
  readonly timeoutMs?: number;
}

export interface ProgramResult {
  /** As a shell tells it: 128 + number of the signal that ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StartedProgram {
  readonly pid: number;
  readonly exited: Promise<ProgramEnd>;
  stdout(): string;
  stderr(): string;
  signal(name: NodeJS.Signals): void;
  /** The first line of either stream that matches, also one that is there already. Fails when the program ends before. */
  waitForLine(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** SIGTERM, and SIGKILL after the time (default 10 s). */
  stop(graceMs?: number): Promise<ProgramEnd>;
}

/** Runs a program to its end. */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const program = startProgram(file, args, options);
  const timeoutMs = options.timeoutMs ?? 60_000;
  const overdue = setTimeout(() => program.signal('SIGKILL'), timeoutMs);
  const { code, signal } = await program.exited;
  clearTimeout(overdue);
  const result = {
    code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
    stdout: program.stdout(),
    stderr: program.stderr(),
  };
  if (signal === 'SIGKILL')
    throw new WaitError(`${file} ${args.join(' ')} was killed (after at most ${timeoutMs} ms)${shown(program)}`);
  return result;
}

export function startProgram(file: string, args: readonly string[], options: ProgramOptions = {}): StartedProgram {
  const [command, first] = /\.[cm]?js$/.test(file) ? [process.execPath, [file]] : [file, []];
  const { PATH, HOME } = process.env;
  const child = spawn(command, [...first, ...args], {
    env: { PATH, HOME, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.on('error', () => undefined); // told below, by the missing pid
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} cannot be run`);
  guardProcess(pid, 'SIGKILL');
  const heard = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (heard.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (heard.stderr += text));
  child.stdin.on('error', () => undefined); // a program that ends without reading its input
  child.stdin.end(options.input ?? '');
  let ended: ProgramEnd | undefined;
  const exited = new Promise<ProgramEnd>((resolve) =>
    child.once('close', (code, signal) => {
      forgetProcess(pid);
      ended = { code, signal };
      resolve(ended);
    }),
  );
  const program: StartedProgram = {
    pid,
    exited,
    stdout: () => heard.stdout,
    stderr: () => heard.stderr,
    signal: (name) => void child.kill(name),
    waitForLine: (pattern, timeoutMs) => lineOf(program, pattern, () => ended, timeoutMs),
    stop: async (graceMs = 10_000) => {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
      const end = await exited;
      clearTimeout(force);
      return end;
    },
  };
  return program;
}

async function lineOf(
  program: StartedProgram,
  pattern: RegExp,
  ended: () => ProgramEnd | undefined,
  timeoutMs = 20_000,
): Promise<string> {
  const find = (): string | undefined =>
    [program.stdout(), program.stderr()].flatMap((text) => text.split('\n')).find((line) => pattern.test(line));
  const found = await waitFor(`a line like ${String(pattern)}`, () => find() ?? (ended() && 'ended'), {
    timeoutMs,
    describe: () => shown(program),
  });
  const line = find();
  if (line === undefined)
    throw new WaitError(
      `the program ${found} before a line like ${String(pattern)}: ${JSON.stringify(ended())}${shown(program)}`,
    );
  return line;
}

function shown(program: StartedProgram): string {
  return `\n--- stdout\n${program.stdout().slice(-4000)}\n--- stderr\n${program.stderr().slice(-4000)}`;
}
