/**
 * What these tests look at. (test-kit has better, but stands on this package.)
 */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export async function until<T>(what: string, condition: () => T | Promise<T>, timeoutMs = 10_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (performance.now() > deadline)
      throw new Error(`waited ${timeoutMs} ms for ${what}; saw last: ${JSON.stringify(answer)}`);
    await pause(20);
  }
}

/** Whether a process lives: one that ended and was not collected does not. */
export function running(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}
