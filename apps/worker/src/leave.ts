// The end of a worker: what is in hand may come to its end within the grace; then it is stopped and given back, its attempt
// unspent; what cannot be given back because Postgres is away is left in Redis, so that its expiry spends nothing. Each
// step is bounded: all of it ends within the grace and 5 s.
import { describeError, sleep, type Logger } from '@jobhive/config';
import { leaveClaims, type OpenQueue } from '@jobhive/queue';
import type { Assembled } from './assemble.ts';

/** From the stop signal of a stage until its thread is ended and its claim given back. */
const THREADS_END_MS = 2000;
const SETTLE_MS = 1000;
const LAST_WRITES_MS = 500;

/** The slots first, then the settles: within the grace, or stopped at its end. */
export async function finishInHand({ loop, hands, background }: Assembled, graceMs: number): Promise<void> {
  const slotsFree = loop.stop();
  const over = new AbortController();
  const graceOver = sleep(graceMs, over.signal).catch(() => undefined); // ended early: everything came to its end
  await Promise.race([slotsFree, graceOver]);
  over.abort();
  for (const hand of hands.all) hands.stop(hand, 'shutdown');
  await Promise.race([slotsFree, sleep(THREADS_END_MS)]);
  await background.settled(SETTLE_MS);
}

/** What is still in hand now could not be written: Postgres is away. */
export async function leaveRest(
  { hands, background, givingUp }: Assembled,
  open: OpenQueue,
  log: Logger,
): Promise<void> {
  givingUp.abort(new Error('the worker ends'));
  const tokens = hands.all.map((hand) => hand.claim.token);
  await background.settled(LAST_WRITES_MS);
  const [left] = await withinLastWrites([leaveClaims(open.redis, open.keys, tokens)]);
  if (left?.status !== 'fulfilled' && tokens.length > 0) {
    log.event('worker.claims_lost', { jobs: tokens.length, ...describeError(left?.reason) });
  }
}

/** Writes that nobody depends on; a store that is away keeps none of them. */
export async function withinLastWrites(writes: readonly Promise<unknown>[]): Promise<PromiseSettledResult<unknown>[]> {
  return Promise.race([Promise.allSettled(writes), sleep(LAST_WRITES_MS).then(() => [])]);
}
