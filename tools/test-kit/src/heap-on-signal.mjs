// Loaded before a program (heap-in-use.ts): at SIGUSR2 it says how much its heap holds that is still in use. Threads collect their
// garbage all along, so that what the process takes of the machine is not what they had left to collect later.
import { setInterval } from 'node:timers';
import { isMainThread } from 'node:worker_threads';

const COLLECT_EVERY_MS = 2000;

if (isMainThread)
  process.on('SIGUSR2', () => {
    globalThis.gc();
    process.stderr.write(`heap in use: ${process.memoryUsage().heapUsed}\n`);
  });
else setInterval(() => globalThis.gc(), COLLECT_EVERY_MS).unref();
