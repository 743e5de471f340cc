// Loaded before a program (NODE_OPTIONS --import, with --expose-gc): at SIGUSR2 it says how much its heap holds that is still in use.
import { isMainThread } from 'node:worker_threads';

if (isMainThread)
  process.on('SIGUSR2', () => {
    globalThis.gc();
    process.stderr.write(`heap in use: ${process.memoryUsage().heapUsed}\n`);
  });
