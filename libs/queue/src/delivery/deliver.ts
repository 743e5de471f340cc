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
import { defineScript, runScript } from '../redis/script.ts';

export interface Delivery {
  readonly jobId: string;
  readonly queueSeq: number;
}

const CHUNK = 1000;
/** Of ids with those in line, in one call: some 0.1 s of the server's. */
export const COMPARISONS_MAX = 5_000_000;

/**
 * KEYS whole, waiting, active, jobs
 * ARGV needs whole (1 or 0), mode (`again`: also what is in active · `missing`: only what is nowhere · `return`: only what is in
 * active, at the place on record), then id, seq …
 * Answers false where Redis is not whole or has lost entries of these, else for each id its position in line from 1, or 0 where nothing was pushed.
 */
const DELIVER = defineScript<number[] | null>(
  'deliver',
  `local mode = ARGV[2]
if ARGV[1] == '1' and redis.call('EXISTS', KEYS[1]) == 0 then return false end
local function seq_at(index)
  local id = redis.call('LINDEX', KEYS[2], index)
  return tonumber(redis.call('HGET', KEYS[4], id) or '') or -1
end
local length = redis.call('LLEN', KEYS[2])
if mode ~= 'return' and length + redis.call('LLEN', KEYS[3]) > redis.call('HLEN', KEYS[4]) then
  if length * #ARGV > ${String(2 * COMPARISONS_MAX)} then return false end
  for i = 3, #ARGV, 2 do
    local bare = redis.call('HEXISTS', KEYS[4], ARGV[i]) == 0
    if bare and (redis.call('LPOS', KEYS[3], ARGV[i]) or redis.call('LPOS', KEYS[2], ARGV[i])) then return false end
  end
end
local last = length > 0 and seq_at(0) or nil
local function place(id, seq)
  length = length + 1
  if not last or seq > last then
    last = seq
    redis.call('LPUSH', KEYS[2], id)
    return length
  end
  if seq <= seq_at(-1) then
    redis.call('RPUSH', KEYS[2], id)
    return 1
  end
  local behind, ahead = 0, length - 2
  while ahead - behind > 1 do
    local middle = math.floor((ahead + behind) / 2)
    if seq_at(middle) > seq then behind = middle else ahead = middle end
  end
  redis.call('LINSERT', KEYS[2], 'BEFORE', redis.call('LINDEX', KEYS[2], ahead), id)
  return length - ahead
end
local function leaves_line(id, mode)
  if redis.call('LREM', KEYS[2], -1, id) == 0 then return mode == 'again' end
  length = length - 1
  last = length > 0 and seq_at(0) or nil
  return true
end
local answer = {}
for i = 3, #ARGV, 2 do
  local id, seq = ARGV[i], ARGV[i + 1]
  local known = redis.call('HGET', KEYS[4], id)
  local enters = not known and mode ~= 'return'
  if known and mode ~= 'missing' then enters = redis.call('LREM', KEYS[3], 1, id) > 0 end
  if known and not enters and mode ~= 'return' and tonumber(known) ~= tonumber(seq) then enters = leaves_line(id, mode) end
  if enters then
    if mode == 'return' then seq = known end
    redis.call('HSET', KEYS[4], id, seq)
    answer[#answer + 1] = place(id, tonumber(seq) or -1)
  else
    answer[#answer + 1] = 0
  end
end
return answer`,
  (raw) => (Array.isArray(raw) ? raw.map(Number) : null),
);

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
