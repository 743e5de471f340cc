/**
 * The built programs as children of `npm start`. Each is in a process group of its own, so that Ctrl-C reaches it once, through
 * us; and each is guarded, so that none outlives us. What a long-running one logs goes to a file of its own.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { forgetProcess, guardProcess } from '@jobhive/servers';
import { ProgramError } from '@jobhive/config';

export type App = 'worker' | 'poller' | 'monitor-cli';

export interface Workspace {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** How long a program may take to end. */
  readonly graceMs: number;
}

export interface RunningProgram {
  readonly name: string;
  /** Resolves with what went wrong when it ends without having been asked to. */
  readonly died: Promise<ProgramError>;
  stop(): Promise<void>;
}

/** Runs a program to its end, handing on each line of its stdout; rejects with what it said where it fails. */
export async function runToEnd(
  workspace: Workspace,
  app: App,
  args: readonly string[],
  shutdown: AbortSignal,
  onLine: (line: string) => void = () => undefined,
): Promise<void> {
  const child = launch(workspace, app, args, 'pipe');
  const stop = (): void => void child.kill('SIGTERM');
  shutdown.addEventListener('abort', stop, { once: true });
  let complaints = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-4_000)));
  eachLine(child, onLine);
  const code = await ended(child);
  shutdown.removeEventListener('abort', stop);
  shutdown.throwIfAborted();
  if (code !== 0) throw failed(`${app} ${args.join(' ')}`, code, complaints);
}

/** Starts a program that is to run until it is stopped. Its log is .state/logs/NAME.log. */
export function keepRunning(
  workspace: Workspace,
  app: App,
  name: string,
  args: readonly string[],
  onLine?: (line: string) => void,
): RunningProgram {
  const folder = join(workspace.root, '.state', 'logs');
  mkdirSync(folder, { recursive: true });
  const logFile = join(folder, `${name}.log`);
  const log = openSync(logFile, 'w', 0o600);
  const child = launch(workspace, app, args, onLine === undefined ? log : 'pipe', log);
  closeSync(log);
  if (onLine !== undefined) eachLine(child, onLine);
  let asked = false;
  const end = ended(child);
  const died = new Promise<ProgramError>((resolve) => {
    void end.then((code) => !asked && resolve(failed(name, code, readFileSync(logFile, 'utf8').slice(-2_000))));
  });
  const stop = async (): Promise<void> => {
    asked = true;
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), workspace.graceMs);
    await end;
    clearTimeout(force);
  };
  return { name, died, stop };
}

function launch(
  { root, env }: Workspace,
  app: App,
  args: readonly string[],
  stdout: 'pipe' | number,
  stderr: 'pipe' | number = 'pipe',
): ChildProcess {
  const file = join(root, 'dist', 'apps', app, 'main.js');
  const child = spawn(process.execPath, [file, ...args], {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', stdout, stderr],
  });
  const { pid } = child;
  if (pid !== undefined) {
    guardProcess(pid, 'SIGTERM');
    child.once('exit', () => forgetProcess(pid));
  }
  return child;
}

/** The exit code, as a shell would tell it; 127 where the program could not be run. */
function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)));
  });
}

function failed(what: string, code: number, said: string): ProgramError {
  const last = said.trim().split('\n').at(-1) ?? '';
  return new ProgramError(`${what} ended with ${code}${last === '' ? '' : `: ${last.replace(/^error: /, '')}`}`, {
    code: 'program_ended',
    exitCode: code === 2 ? 2 : 1,
  });
}

function eachLine(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach((line) => onLine(line));
  });
}
