/** Asks until it is answered: another fault may have the store down just then. Bounded. */
import { setTimeout as pause } from 'node:timers/promises';

const BOUND_MS = 20_000;
const AGAIN_MS = 100;

export async function mended(ask: () => Promise<unknown>): Promise<void> {
  for (const until = Date.now() + BOUND_MS; ; await pause(AGAIN_MS)) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}
