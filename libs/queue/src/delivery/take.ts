// Ids out of the line, for free slots and a few ahead: the first by a blocking pop, which starts at once, the rest in one
// script, 1, 4, 16, 64 at a time while the queue fills it. The blocking call waits at most 5 s and its connection is
// destroyed at 7 s (hazard 26). What is held ahead without a free slot for 20 ms goes back to its place. On stop the
// blocking call is ended by the server's own word, so that no id is taken by nobody (hazard 22).
import { sleep, withDeadline, type Logger } from '@jobhive/config';
import type { Redis } from 'ioredis';
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';
import { asTexts, defineScript, runScript } from '../redis/script.ts';
import { putBack } from './deliver.ts';

const BLOCK_SECONDS = 5;
const BLOCK_DESTROY_MS = 7000;
const HELD_AHEAD_MS = 20;
const BURST_MAX = 64;
const UNBLOCK_BOUND_MS = 500;
const RETRY_MS = 200;

/** KEYS waiting, active · ARGV how many */
const TAKE = defineScript(
  'take',
  `local answer = {}
for i = 1, tonumber(ARGV[1]) do
  local id = redis.call('RPOPLPUSH', KEYS[1], KEYS[2])
  if not id then break end
  answer[i] = id
end
return answer`,
  asTexts,
);

export interface Taker {
  /** The next id, once there is one and the gate is open; null only after stop. */
  next(): Promise<string | null>;
  /** Closed: nothing is taken, and what is held ahead goes back. */
  setGate(open: boolean): void;
  /** Nothing is waiting as far as this taker knows: the last look found the line empty. */
  readonly idle: boolean;
  stop(): Promise<void>;
}

interface TakerParts {
  readonly store: RedisStore;
  readonly keys: Keys;
  readonly log: Logger;
  /** Ids that may be held ahead of the slots now. */
  readonly ahead: () => number;
}

export function createTaker({ store, keys, log, ahead }: TakerParts): Taker {
  const blocking = store.dial({ commandTimeout: undefined } as object); // a blocking call has a bound of its own
  const waiters: ((id: string | null) => void)[] = [];
  const held: string[] = [];
  let open = false;
  let stopped = false;
  let idle = false;
  let burst = 1;
  let blocked: Promise<unknown> = Promise.resolve();
  let loop: Promise<void> | undefined;
  let returnTimer: NodeJS.Timeout | undefined;
  blocking.on('error', () => undefined); // told by the store's own connection; this one dials for ever beside it

  const letGo = (): void => {
    clearTimeout(returnTimer);
    returnTimer = undefined;
    const ids = held.splice(0);
    if (ids.length === 0) return;
    putBack(store, keys, ids).catch((error: unknown) => {
      log.event('queue.delivery_failed', {
        ids: ids.length,
        error_name: error instanceof Error ? error.name : 'unknown',
      });
    }); // the reconciler finds them in `active`, claimed by nobody
  };
  const hand = (id: string): void => {
    const waiter = waiters.shift();
    if (waiter !== undefined) waiter(id);
    else {
      held.push(id);
      returnTimer ??= setTimeout(letGo, HELD_AHEAD_MS);
    }
  };
  const popBlocking = async (client: Redis): Promise<string | null> => {
    const answer = client.brpoplpush(keys.waiting, keys.active, BLOCK_SECONDS);
    blocked = answer.catch(() => undefined);
    return await withDeadline(answer, BLOCK_DESTROY_MS, 'BRPOPLPUSH').catch((error: unknown) => {
      client.disconnect(true);
      throw error;
    });
  };
  const takeMore = async (): Promise<void> => {
    const wanted = Math.min(waiters.length + ahead() - held.length, burst);
    if (wanted <= 0 || !open) return;
    const ids = await store.run((client) => runScript(client, TAKE, [keys.waiting, keys.active], [wanted]));
    burst = ids.length === wanted ? Math.min(BURST_MAX, burst * 4) : 1;
    if (open && !stopped) ids.forEach(hand);
    else await putBack(store, keys, ids);
    if (ids.length === wanted) await takeMore();
  };
  const take = async (): Promise<void> => {
    const id = await popBlocking(blocking);
    idle = id === null;
    if (id === null) {
      burst = 1;
      return;
    }
    if (!open || stopped) return putBack(store, keys, [id]);
    hand(id);
    await takeMore();
  };
  const run = async (): Promise<void> => {
    while (!stopped && open && waiters.length > 0) {
      if (blocking.status !== 'ready') {
        await sleep(10);
        continue;
      }
      await take().catch(async () => {
        await sleep(RETRY_MS); // Redis is away: the store's connection says so
      });
    }
  };
  const turn = (): void => {
    if (loop !== undefined || stopped || !open || waiters.length === 0) return;
    loop = run().finally(() => {
      loop = undefined;
      turn();
    });
  };
  const unblock = async (): Promise<void> => {
    if (blocking.status !== 'ready' || loop === undefined) return;
    const id = await withDeadline(blockingId, UNBLOCK_BOUND_MS, 'CLIENT ID');
    if (id !== undefined) await store.run((client) => client.client('UNBLOCK', id));
    await withDeadline(blocked, UNBLOCK_BOUND_MS, 'the end of BRPOPLPUSH');
  };
  let blockingId: Promise<number | undefined> = Promise.resolve(undefined);
  blocking.on('ready', () => {
    blockingId = blocking.client('ID').catch(() => undefined); // without it the stop waits for nothing, and the reconciler looks
  });

  return {
    next: () => {
      const id = held.shift();
      if (id !== undefined) return Promise.resolve(id);
      if (stopped) return Promise.resolve(null);
      return new Promise((resolve) => {
        waiters.push(resolve);
        turn();
      });
    },
    setGate: (now) => {
      open = now;
      if (open) turn();
      else letGo();
    },
    get idle() {
      return idle;
    },
    stop: async () => {
      if (stopped) return;
      stopped = true;
      open = false;
      letGo();
      await unblock().catch(() => undefined); // Redis is away: nothing can be taken either
      await loop?.catch(() => undefined);
      waiters.splice(0).forEach((waiter) => {
        waiter(null);
      });
      blocking.disconnect();
    },
  };
}
