/**
 * As whom a server runs. Postgres refuses root, so where we are root it gets the account `nobody` (initdb needs one that
 * has a name). Whether that account can reach a folder is found by trying, not by reading modes: mounts, ACLs and
 * containers decide it too.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ServerMissingError } from './errors.ts';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Undefined where we are an ordinary user, and run servers as ourselves. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8')) ?? [];
  if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  throw new ServerMissingError(
    'Postgres does not run as root, and there is no account `nobody` to run it as: work as an ordinary user',
  );
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Default 2 min. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end and returns its stdout; rejects with what it wrote to stderr. */
export function runAs(
  account: Account | undefined,
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', ...options.env };
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      args,
      { cwd: '/', timeout: options.timeoutMs ?? 120_000, ...account, env },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${file} failed: ${stderr.trim() || error.message}`, { cause: error }));
      },
    );
    child.stdin?.on('error', () => undefined); // a program that ends without reading its input
    child.stdin?.end(options.input ?? '');
  });
}

/** Whether the account can enter the folder and write there. */
export async function canUse(account: Account | undefined, folder: string): Promise<boolean> {
  try {
    await runAs(account, '/bin/sh', ['-c', 'cd "$1" && : > .jobhive-probe && rm .jobhive-probe', 'sh', folder]);
    return true;
  } catch {
    return false; // the answer to the question, whatever stood in the way
  }
}
