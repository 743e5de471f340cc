// The end of a burst: nothing ready waits, in Postgres or in Redis, and nothing is in hand. Jobs delayed for a retry are
// left; while the queue is paused it is over at once.
import { sleep } from '@jobhive/config';
import type { TrackingRepository } from '@jobhive/db';
import { peek, type Keys, type RedisStore } from '@jobhive/queue';
import type { Background } from './background.ts';
import type { Hands } from './hands.ts';

const LOOK_MS = 100;

export interface BurstParts {
  readonly hands: Hands;
  readonly background: Pick<Background, 'size'>;
  readonly store: RedisStore;
  readonly keys: Keys;
  readonly repository: TrackingRepository;
  readonly isPaused: () => boolean;
}

async function isOver({ hands, background, store, keys, repository, isPaused }: BurstParts): Promise<boolean> {
  if (hands.count > 0 || background.size > 0) return false;
  if (isPaused()) return true;
  if ((await repository.waitingPage(0, 1)).length > 0) return false;
  return (await peek(store, keys)).waiting === 0 && hands.count === 0;
}

/** Resolves when the burst is over or the signal is aborted. A service that is away for a while only delays it. */
export async function waitForBurst(parts: BurstParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (await isOver(parts).catch(() => false)) return;
    await sleep(LOOK_MS, signal).catch(() => undefined); // aborted: the loop's condition sees it
  }
}
