/**
 * Servers that outlived their keeper (it and its guard were both killed) still sit on their data. They are ended before
 * the data is used again. Only a process which works in that very folder is touched: a pid may have passed to another.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const GRACE_MS = 10_000;

/** `pidFile`: the server's pid is its first line. Returns when no such server runs. */
export async function endLeftover(pidFile: string, dataDir: string, signal: NodeJS.Signals): Promise<void> {
  const pid = readPid(pidFile);
  if (pid === undefined || !worksIn(pid, dataDir)) return;
  process.kill(pid, signal);
  const deadline = performance.now() + GRACE_MS;
  while (worksIn(pid, dataDir)) {
    if (performance.now() > deadline) process.kill(pid, 'SIGKILL');
    await pause(20);
  }
}

function readPid(pidFile: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
    return pid > 1 ? pid : undefined;
  } catch {
    return undefined; // no file: nothing ran here, or it ended in order
  }
}

/** Both servers change into their data folder. Where there is no /proc we cannot tell, and leave the process alone. */
function worksIn(pid: number, dataDir: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === dataDir;
  } catch {
    return false; // gone
  }
}
