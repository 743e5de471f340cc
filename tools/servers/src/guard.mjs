/**
 * Ends what its owner started, however the owner ends. It reads one JSON line for each server from stdin, and acts when
 * stdin closes, which the kernel does also for an owner that was killed with SIGKILL:
 *   { "pid": 1, "signal": "SIGTERM" }  a server to end so     { "forget": 1 }  it has ended by itself
 *   { "folder": "/…" }                 to remove at the end   { "keep": "/…" } was removed, or is to stay
 * A server that does not end within 10 s gets SIGKILL. Not guarded against: SIGKILL of owner and guard together.
 */
import { readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const GRACE_MS = 10_000;
const servers = new Map();
const folders = new Set();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line);
  if (order.pid) servers.set(order.pid, order.signal);
  if (order.forget) servers.delete(order.forget);
  if (order.folder) folders.add(order.folder);
  if (order.keep) folders.delete(order.keep);
});

process.stdin.on('end', () => void end());
process.stdin.on('error', () => void end());

async function end() {
  for (const [pid, signal] of servers) send(pid, signal);
  const deadline = Date.now() + GRACE_MS;
  while (Date.now() < deadline && anyAlive()) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const pid of servers.keys()) send(pid, 'SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  process.exit(0);
}

function anyAlive() {
  return [...servers.keys()].some((pid) => send(pid, 0) && !zombie(pid));
}

/** Ended, but not yet collected by the process that inherited it: in a container without an init perhaps never. */
function zombie(pid) {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false; // no /proc: there is an init
  }
}

/** False where there is no such process (any more). */
function send(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
