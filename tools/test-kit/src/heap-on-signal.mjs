// Loaded before a program (heap-in-use.ts): at SIGUSR2 it says how much the heap of its main thread holds that is still in use.
import { isMainThread } from 'node:worker_threads';

if (isMainThread)
  process.on('SIGUSR2', () => {
    globalThis.gc();
    process.stderr.write(`heap in use: ${process.memoryUsage().heapUsed}\n`);
  });
