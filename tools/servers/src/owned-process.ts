/**
 * A server process of ours: in a process group of its own (Ctrl-C in the terminal does not reach it), its output in a
 * log file, guarded against our own death, and no reason for our event loop to go on.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Account } from './account.ts';
import { forgetProcess, guardProcess } from './guard.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly account?: Account | undefined;
}

export interface OwnedProcess {
  readonly pid: number;
  alive(): boolean;
  /** Sends the signal and waits for the end; SIGKILL after 10 s. */
  end(signal: NodeJS.Signals): Promise<void>;
}

const GRACE_MS = 10_000;

export async function spawnOwned(command: Command, logFile: string, endSignal: NodeJS.Signals): Promise<OwnedProcess> {
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(command.file, command.args, {
    detached: true,
    cwd: '/',
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC', ...command.env },
    ...command.account,
  });
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) return new Promise((_, reject) => child.once('error', reject));
  guardProcess(pid, endSignal);
  let alive = true;
  const exited = new Promise<void>((resolve) =>
    child.once('exit', () => {
      alive = false;
      forgetProcess(pid);
      resolve();
    }),
  );
  child.unref();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!alive) return;
    child.ref();
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await exited;
    clearTimeout(force);
  };
  return { pid, alive: () => alive, end };
}
