/**
 * One guard process (guard.mjs) for each process that owns servers, started with the first of them. It holds neither the
 * owner's event loop nor its standard streams, and is deaf to the terminal's Ctrl-C.
 */
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

let orders: Writable | undefined;

export function guardProcess(pid: number, signal: NodeJS.Signals): void {
  tell({ pid, signal });
}

export function forgetProcess(pid: number): void {
  tell({ forget: pid });
}

export function guardFolder(folder: string): void {
  tell({ folder });
}

export function forgetFolder(folder: string): void {
  tell({ keep: folder });
}

function tell(order: object): void {
  orders ??= startGuard();
  orders.write(`${JSON.stringify(order)}\n`);
}

function startGuard(): Writable {
  const file = fileURLToPath(new URL('guard.mjs', import.meta.url));
  const guard = spawn(process.execPath, [file], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
  });
  guard.unref();
  guard.on('exit', () => (orders = undefined));
  guard.stdin.on('error', () => (orders = undefined));
  // A pipe of a child is a socket underneath; its type does not say so. Without unref it would keep the owner alive.
  (guard.stdin as Writable & { unref(): void }).unref();
  return guard.stdin;
}
