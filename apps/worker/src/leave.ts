// The end of a worker: what is in hand may come to its end within the grace; then it is stopped and given back, its attempt
// unspent, as are claims whose answer was lost or comes too late; what cannot be given back because Postgres is away is left in
// Redis, so that its expiry spends nothing. Each step is bounded: all of them together end within the grace and 4 s.
import { describeError, sleep, type Logger } from '@jobhive/config';
import { leaveClaims, type OpenQueue } from '@jobhive/queue';
import type { Assembled } from './assemble.ts';
import { giveBack } from './give-back.ts';

/** From the stop signal of a stage until its thread is ended and its claim given back. */
const THREADS_END_MS = 2000;
const SETTLE_MS = 1000;
const LAST_WRITES_MS = 500;

/** The slots first, then the settles, which Postgres may keep waiting: within the grace, or stopped at its end. */
export async function finishInHand({ loop, slots, hands, background }: Assembled, graceMs: number): Promise<void> {
  slots.stop();
  const slotsFree = loop.stop();
  const over = new AbortController();
  const graceOver = sleep(graceMs, over.signal).catch(() => undefined); // ended early: everything came to its end
  await Promise.race([slotsFree.then(() => background.settled()), graceOver]);
  over.abort();
  hands.stopAll('shutdown'); // also claims that are answered only now
  await Promise.race([slotsFree, sleep(THREADS_END_MS)]);
  await background.settled(SETTLE_MS);
}

/** What is still in hand now could not be written: Postgres is away. What may have been won is given back, should it be there. */
export async function leaveRest(
  { hands, background, givingUp }: Assembled,
  open: OpenQueue,
  log: Logger,
): Promise<void> {
  givingUp.abort(new Error('the worker ends'));
  const { unanswered } = hands;
  const held = hands.all.map((hand) => hand.claim.token);
  const tokens = [...held, ...unanswered.map(({ token }) => token)];
  const [[left], [back]] = await Promise.all([
    withinLastWrites([leaveClaims(open.redis, open.keys, tokens)]),
    withinLastWrites([giveBack({ ...open, log }, unanswered, 'shutdown')]),
    background.settled(LAST_WRITES_MS),
  ]);
  const jobs = back?.status === 'fulfilled' ? held.length : tokens.length;
  if (left?.status !== 'fulfilled' && jobs > 0)
    log.event('worker.claims_lost', { jobs, ...describeError(left?.reason) });
}

/** Writes that nobody depends on; a store that is away keeps none of them. */
export async function withinLastWrites(writes: readonly Promise<unknown>[]): Promise<PromiseSettledResult<unknown>[]> {
  return Promise.race([Promise.allSettled(writes), sleep(LAST_WRITES_MS).then(() => [])]);
}
