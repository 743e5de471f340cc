/**
 * Servers that outlived their keeper (it and its guard were both killed) still sit on their data. They are ended before the
 * data is used again, and their pid file is removed: in a container without an init a dead server stays a zombie, or its pid
 * passes to another program, and Postgres would take either for a living server. Only processes that work in that very
 * folder are touched. Where there is no /proc nothing can be told, and nothing is done.
 */
import { existsSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const GRACE_MS = 10_000;

/** Returns when no process works in the data folder any more. */
export async function endLeftover(pidFile: string, dataDir: string, signal: NodeJS.Signals): Promise<void> {
  if (!existsSync(pidFile) || !existsSync('/proc/self/cwd')) return;
  for (const pid of workingIn(dataDir)) send(pid, signal);
  const deadline = performance.now() + GRACE_MS;
  for (let left = workingIn(dataDir); left.length > 0; left = workingIn(dataDir)) {
    if (performance.now() > deadline) for (const pid of left) send(pid, 'SIGKILL');
    await pause(20);
  }
  rmSync(pidFile, { force: true });
}

/** A server changes into its data folder, and so do Postgres' children. */
function workingIn(dataDir: string): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && cwdOf(pid) === dataDir);
}

function cwdOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // ended, or another user's
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error; // else it has just ended
  }
}
