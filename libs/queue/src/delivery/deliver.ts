// Ids into the line, one entry a job, each at its place: the list is kept sorted by `queue_seq`, smallest at the right
// end, from which is taken. A new job has the largest and goes behind; what was claimed before has one of the smallest
// and so enters at the head; what a failed push or a death left behind regains its place between its neighbours.
// Nothing is pushed into a Redis that is not whole, else a new job would enter an emptied queue before the old ones; and nothing
// beside itself: where the lists hold more than the entries say (the hash was lost), ids without an entry are looked for in the lists, and
// where one stands there, or looking would take long, nothing is pushed either, until the reconciler has brought both together.
//
// What is in line already stays where it is, unless the record has another place for it (it was cancelled and enqueued
// again): then it moves there. A redelivery (of a claim that ended) takes its id out of `active` first, and a
// late acknowledgement then removes nothing; a pass that mends the line leaves `active` alone: a worker has it in hand.
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { DELIVER } from './deliver-script.ts';

export interface Delivery {
  readonly jobId: string;
  readonly queueSeq: number;
}

const CHUNK = 1000;
interface How {
  readonly needsWhole: boolean;
  readonly mode: 'again' | 'missing' | 'return';
}

async function deliverChunks(
  store: RedisStore,
  keys: Keys,
  how: How,
  jobs: readonly Delivery[],
): Promise<number[] | null> {
  const positions: number[] = [];
  for (let at = 0; at < jobs.length; at += CHUNK) {
    const args = jobs.slice(at, at + CHUNK).flatMap(({ jobId, queueSeq }) => [jobId, queueSeq]);
    const answer = await store.run((client) =>
      runScript(
        client,
        DELIVER,
        [keys.whole, keys.waiting, keys.active, keys.jobs],
        [how.needsWhole ? 1 : 0, how.mode, ...args],
      ),
    );
    if (answer === null) return null;
    positions.push(...answer);
  }
  return positions;
}

/**
 * Delivers, also what stands in `active` still (a claim that ended, and whose acknowledgement is on its way or was lost).
 * @returns the position of each from 1, 0 where it was in line already; null where Redis is not whole and nothing was pushed
 */
export function deliver(store: RedisStore, keys: Keys, jobs: readonly Delivery[]): Promise<number[] | null> {
  return deliverChunks(store, keys, { needsWhole: true, mode: 'again' }, jobs);
}

/**
 * Mends the line: delivers only what is neither in line nor in hands. Answers as deliver().
 * @param needsWhole false in a rebuild, which pushes into a Redis that does not bear the mark yet
 */
export function deliverMissing(
  store: RedisStore,
  keys: Keys,
  jobs: readonly Delivery[],
  needsWhole: boolean,
): Promise<number[] | null> {
  return deliverChunks(store, keys, { needsWhole, mode: 'missing' }, jobs);
}

/** Puts back what was taken and not claimed, at the place it had; what is no longer in `active` is left alone. */
export async function putBack(store: RedisStore, keys: Keys, jobIds: readonly string[]): Promise<void> {
  if (jobIds.length === 0) return;
  await deliverChunks(
    store,
    keys,
    { needsWhole: false, mode: 'return' },
    jobIds.map((jobId) => ({ jobId, queueSeq: 0 })),
  );
}
