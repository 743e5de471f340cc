// Ids out of the line, for free slots and a few ahead: the first by a blocking pop, which starts at once, the rest in one
// script, 1, 4, 16, 64 at a time while the queue fills it. What is held ahead without a free slot for 20 ms goes back to
// its place. On stop no id is taken by nobody (hazard 22): what arrives in the last moment goes back.
import { describeError, sleep, type Logger } from '@jobhive/config';
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';
import { asTexts, defineScript, runScript } from '../redis/script.ts';
import { createBlockingPop } from './blocking-pop.ts';
import { putBack } from './deliver.ts';
import { createHandover, type Handover } from './handover.ts';

const BURST_MAX = 64;
const BURST_GROWTH = 4;
const RETRY_MS = 200;
const DIAL_LOOK_MS = 10;

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

/** Puts ids back to their places; where Redis is away the reconciler finds them in `active`, claimed by nobody. */
export async function giveUp(
  { store, keys, log }: Omit<TakerParts, 'ahead'>,
  jobIds: readonly string[],
): Promise<void> {
  await putBack(store, keys, jobIds).catch((error: unknown) => {
    log.event('queue.delivery_failed', { ids: jobIds.length, ...describeError(error) });
  });
}

interface Catch {
  readonly canWait: boolean;
  /** Waits for an id, then takes more as far as they are wanted; all of them are handed over. */
  take(): Promise<void>;
  readonly idle: boolean;
  end(): Promise<void>;
}

function createCatch(parts: TakerParts, handover: Handover, isOpen: () => boolean): Catch {
  const { store, keys, ahead } = parts;
  const blocking = createBlockingPop(store, keys);
  let idle = false;
  let burst = 1;

  const arrived = async (jobIds: readonly string[]): Promise<void> => {
    if (!isOpen()) return giveUp(parts, jobIds);
    for (const jobId of jobIds) handover.hand(jobId);
  };
  const takeMore = async (): Promise<void> => {
    const wanted = Math.min(handover.asked + ahead() - handover.held, burst);
    if (wanted <= 0 || !isOpen()) return;
    const jobIds = await store.run((client) => runScript(client, TAKE, [keys.waiting, keys.active], [wanted]));
    burst = jobIds.length === wanted ? Math.min(BURST_MAX, burst * BURST_GROWTH) : 1;
    await arrived(jobIds);
    if (jobIds.length === wanted) await takeMore();
  };
  return {
    get canWait() {
      return blocking.isReady;
    },
    take: async () => {
      const jobId = await blocking.pop();
      idle = jobId === null;
      if (jobId === null) {
        burst = 1;
        return;
      }
      await arrived([jobId]);
      await takeMore();
    },
    get idle() {
      return idle;
    },
    end: () => blocking.end(),
  };
}

export function createTaker(parts: TakerParts): Taker {
  let open = false;
  let stopped = false;
  let loop: Promise<void> | undefined;
  const handover = createHandover((jobIds) => void giveUp(parts, jobIds));
  const caught = createCatch(parts, handover, () => open);

  const run = async (): Promise<void> => {
    while (open && handover.asked > 0) {
      if (!caught.canWait) await sleep(DIAL_LOOK_MS);
      else await caught.take().catch(() => sleep(open ? RETRY_MS : 0)); // Redis is away: the store's connection says so
    }
  };
  const turn = (): void => {
    if (loop !== undefined || !open || handover.asked === 0) return;
    loop = run().finally(() => {
      loop = undefined;
      turn();
    });
  };
  return {
    next: () => {
      const next = handover.next();
      turn();
      return next;
    },
    setGate: (now) => {
      open = now && !stopped;
      if (open) turn();
      else handover.letGo();
    },
    get idle() {
      return caught.idle;
    },
    stop: async () => {
      stopped = true;
      open = false;
      handover.letGo();
      await caught.end();
      await loop;
      handover.end();
    },
  };
}
