/** A program that calls the queue in the midst of it all, by one of the two ways; and the time that each of its calls may take. */
import { createLogger, readEnvironment } from '@jobhive/config';
import { openQueue, type OpenQueue } from '@jobhive/queue';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { CALL_MS_MAX } from './evidence.ts';
import type { World } from './world.ts';

export function openCaller(world: World, role: 'producer' | 'operator', number: number): OpenQueue {
  const stream = createWriteStream(join(world.logFolder, `${role}-${String(number)}.log`), { flags: 'a' });
  const log = createLogger({ level: 'info', format: 'json', stream });
  return openQueue({ environment: readEnvironment(world.env(number)), log, role });
}

/** @param overdue gets a sentence where the call outlived its bound */
export async function timed<T>(overdue: string[], what: string, call: () => Promise<T>): Promise<T> {
  const fromMs = Date.now();
  try {
    return await call();
  } finally {
    const tookMs = Date.now() - fromMs;
    if (tookMs > CALL_MS_MAX) overdue.push(`${what} took ${String(tookMs)} ms`);
  }
}
