// Entry of a stage thread. Piscina takes the default export, waits for it, and calls it with each order.
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadData } from './messages.ts';
import { serveStages, type StageHandler } from './serve-stages.ts';

async function begin(): Promise<StageHandler> {
  if (parentPort === null) throw new Error('inside-thread is the entry of a thread, not of a process');
  // Reason: seat.ts alone starts this file, with exactly this.
  return serveStages(parentPort, workerData as ThreadData, process);
}

export default begin();
