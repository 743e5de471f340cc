// Entries out of Redis: acknowledged after a settle, or dropped because their row says that nobody waits for them. An
// entry is deleted only where it was still in the list: a late acknowledgement must not delete a redelivery.
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';
import { asNumber, asTexts, defineScript, runScript } from '../redis/script.ts';
import { COMPARISONS_MAX } from './deliver-script.ts';

const FINISHED_MAX = 1000;
const CHUNK = 1000;

/** KEYS active, jobs, finished · ARGV ttl ms, newest kept, then id, finished (1 or 0) … */
const ACKNOWLEDGE = defineScript(
  'acknowledge',
  `local now, ended = redis.call('TIME'), 0
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local ttl = tonumber(ARGV[1])
for i = 3, #ARGV, 2 do
  if redis.call('LREM', KEYS[1], 1, ARGV[i]) > 0 then redis.call('HDEL', KEYS[2], ARGV[i]) end
  if ARGV[i + 1] == '1' and ttl > 0 then
    redis.call('ZADD', KEYS[3], ms, ARGV[i])
    ended = ended + 1
  end
end
if ended > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ms - ttl)
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -(tonumber(ARGV[2]) + 1))
  redis.call('PEXPIRE', KEYS[3], ttl)
end
return ended`,
  asNumber,
);

/** KEYS active, jobs · ARGV ids. Answers how many stood there. */
const DROP_ACTIVE = defineScript(
  'drop_active',
  `local dropped = 0
for i = 1, #ARGV do
  if redis.call('LREM', KEYS[1], 1, ARGV[i]) > 0 then
    redis.call('HDEL', KEYS[2], ARGV[i])
    dropped = dropped + 1
  end
end
return dropped`,
  asNumber,
);

/**
 * KEYS waiting, jobs · ARGV first and last place of the window from the head (0 is the head), then ids to drop. Each is overwritten where it
 * stands, and all are taken out in one walk from the nearer end: nothing is moved, the rest keeps its order. Answers how many.
 */
const DROP_FROM_LINE = defineScript(
  'drop_from_line',
  `local drop, dropped = {}, 0
for i = 3, #ARGV do drop[ARGV[i]] = true end
local length = redis.call('LLEN', KEYS[1])
local left, right = math.max(0, length - 1 - tonumber(ARGV[2])), length - 1 - tonumber(ARGV[1])
if right < 0 then return 0 end
for i, id in ipairs(redis.call('LRANGE', KEYS[1], left, right)) do
  if drop[id] then
    redis.call('LSET', KEYS[1], left + i - 1, 'jobhive:dropped')
    redis.call('HDEL', KEYS[2], id)
    dropped = dropped + 1
  end
end
if dropped > 0 then redis.call('LREM', KEYS[1], left + right < length and dropped or -dropped, 'jobhive:dropped') end
return dropped`,
  asNumber,
);

/** KEYS waiting, active, jobs · ARGV ids. Deletes the entries that stand in neither list, looked at in this moment. Answers how many. */
const DROP_ENTRIES = defineScript(
  'drop_entries',
  `local dropped = 0
for i = 1, #ARGV do
  if not redis.call('LPOS', KEYS[2], ARGV[i]) and not redis.call('LPOS', KEYS[1], ARGV[i]) then
    dropped = dropped + redis.call('HDEL', KEYS[3], ARGV[i])
  end
end
return dropped`,
  asNumber,
);

/** KEYS active, jobs. Gives each id in hands an entry where it has lost it; it would go back to the head. Answers how many. */
const ADOPT_ACTIVE = defineScript(
  'adopt_active',
  `local adopted = 0
for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do adopted = adopted + redis.call('HSETNX', KEYS[2], id, '0') end
return adopted`,
  asNumber,
);

/** KEYS waiting · ARGV from, to: ids at these places from the head, the head first. */
const AT_HEAD = defineScript(
  'at_head',
  `local window, answer = redis.call('LRANGE', KEYS[1], -(tonumber(ARGV[2]) + 1), -(tonumber(ARGV[1]) + 1)), {}
for i = #window, 1, -1 do answer[#answer + 1] = window[i] end
return answer`,
  asTexts,
);

export interface Acknowledgement {
  readonly jobId: string;
  /** It ended as processed or failed: kept in `finished` for RQ_RESULT_TTL. */
  readonly finished: boolean;
}

export async function acknowledge(
  store: RedisStore,
  keys: Keys,
  acks: readonly Acknowledgement[],
  resultTtlSeconds: number,
): Promise<void> {
  const args = acks.flatMap(({ jobId, finished }) => [jobId, finished ? 1 : 0]);
  await store.run((client) =>
    runScript(
      client,
      ACKNOWLEDGE,
      [keys.active, keys.jobs, keys.finished],
      [resultTtlSeconds * 1000, FINISHED_MAX, ...args],
    ),
  );
}

/** Takes settled ids out of `active`; what has been delivered again meanwhile stays. @returns how many went */
export function dropFromActive(store: RedisStore, keys: Keys, jobIds: readonly string[]): Promise<number> {
  return store.run((client) => runScript(client, DROP_ACTIVE, [keys.active, keys.jobs], jobIds));
}

/** Deletes entries that stand in neither list; what was pushed since the caller looked stays. */
export async function dropEntries(store: RedisStore, keys: Keys, jobIds: readonly string[]): Promise<number> {
  if (jobIds.length === 0) return 0;
  const length = await store.run((client) => client.llen(keys.waiting));
  const chunk = Math.min(CHUNK, Math.ceil(COMPARISONS_MAX / (length + 1)));
  let dropped = 0;
  for (let at = 0; at < jobIds.length; at += chunk) {
    dropped += await store.run((client) =>
      runScript(client, DROP_ENTRIES, [keys.waiting, keys.active, keys.jobs], jobIds.slice(at, at + chunk)),
    );
  }
  return dropped;
}

export function adoptActive(store: RedisStore, keys: Keys): Promise<number> {
  return store.run((client) => runScript(client, ADOPT_ACTIVE, [keys.active, keys.jobs], []));
}

/** Drops ids at places `from` to `to` of the line, 0 is the head; an id that has gone to another place stays. */
export function dropFromLine(
  store: RedisStore,
  keys: Keys,
  { from, to }: { from: number; to: number },
  jobIds: readonly string[],
): Promise<number> {
  return store.run((client) => runScript(client, DROP_FROM_LINE, [keys.waiting, keys.jobs], [from, to, ...jobIds]));
}

/** Ids at places `from` to `to` of the line, 0 is the head. */
export function lineFromHead(store: RedisStore, keys: Keys, from: number, to: number): Promise<string[]> {
  return store.run((client) => runScript(client, AT_HEAD, [keys.waiting], [from, to]));
}
