// Who lives, and with what: one hash in Redis, a field a worker, with the holder and the time of its last beat by Redis'
// own clock. It is for people and for names; whether a claim is lost is decided in Postgres.
import { sleep } from '@jobhive/config';
import { WorkerNameTakenError } from '../errors.ts';
import type { WorkerRow } from '../measure/status.ts';
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';
import { defineScript, runScript } from '../redis/script.ts';

/** What a worker tells of itself; `last_heartbeat` is the store's. */
export type WorkerReport = Omit<WorkerRow, 'last_heartbeat' | 'name'> & {
  readonly mean_ms: number | null;
};

/** As it stands in the store: a worker of an older version, in a deploy that is under way, does not tell what it has in hand. */
type StoredReport = Omit<WorkerReport, 'in_hand'> & { readonly in_hand?: number };

export interface RegisteredWorker extends WorkerRow {
  readonly meanMs: number | null;
  /** Age of the last beat by Redis' clock. */
  readonly ageMs: number;
}

/** Beats older than this are forgotten when the next worker registers. */
const FORGET_MS = 24 * 3600 * 1000;
/** A living worker beats once a second: no beat for this long, and its name is free. */
const NAME_WATCH_MS = 3000;
const NAME_LOOK_MS = 100;

const NOW = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** KEYS workers · ARGV name, holder, report, take over (1 or 0). Answers nothing, or the time of the other holder's beat. */
const BEAT = defineScript<number | null>(
  'beat',
  `${NOW}
local other, beat = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^(%S+) (%d+) ')
if other and other ~= ARGV[2] and ARGV[4] == '0' then return tonumber(beat) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. string.format('%d', now) .. ' ' .. ARGV[3])
return false`,
  (raw) => (raw === null ? null : Number(raw)),
);

/** KEYS workers · ARGV name, holder. Removes the field where it is still this holder's. */
const LEAVE = defineScript(
  'leave',
  `local other = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^(%S+) ')
if other == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
return 1`,
  Number,
);

/** KEYS workers · ARGV age in ms from which a field is forgotten */
const FORGET = defineScript(
  'forget',
  `${NOW}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local beat = tonumber(string.match(all[i + 1], '^%S+ (%d+) ') or '0')
  if now - beat > tonumber(ARGV[1]) then redis.call('HDEL', KEYS[1], all[i]) end
end
return 1`,
  Number,
);

const LIST = defineScript<{ nowMs: number; fields: string[] }>(
  'workers',
  `${NOW}
return { tostring(now), redis.call('HGETALL', KEYS[1]) }`,
  (raw) => {
    const [now, fields] = raw as [string, string[]]; // as the script returns it
    return { nowMs: Number(now), fields };
  },
);

export interface Registration {
  /** Tells what the worker does now. @returns false where another process has taken the name over */
  beat(report: WorkerReport): Promise<boolean>;
  leave(): Promise<void>;
}

function reportJson(report: WorkerReport): string {
  return JSON.stringify(report);
}

/**
 * Takes a name. A holder that was killed leaves its field behind: it is watched, and only if its beat moves is the name taken.
 * @throws WorkerNameTakenError
 */
export async function registerWorker(
  store: RedisStore,
  keys: Keys,
  who: { name: string; holder: string },
  report: WorkerReport,
  signal?: AbortSignal,
): Promise<Registration> {
  const beat = (body: WorkerReport, takeOver: boolean): Promise<number | null> =>
    store.run((client) =>
      runScript(client, BEAT, [keys.workers], [who.name, who.holder, reportJson(body), takeOver ? 1 : 0]),
    );
  await store.run((client) => runScript(client, FORGET, [keys.workers], [FORGET_MS]));
  const first = await beat(report, false);
  if (first !== null) {
    const until = performance.now() + NAME_WATCH_MS;
    for (let seen: number | null = first; seen !== null;) {
      if (seen !== first) throw new WorkerNameTakenError(who.name);
      const over = performance.now() >= until;
      if (!over) await sleep(NAME_LOOK_MS, signal);
      seen = await beat(report, over);
    }
  }
  return {
    beat: async (body) => (await beat(body, false)) === null,
    leave: () =>
      store.run(async (client) => void (await runScript(client, LEAVE, [keys.workers], [who.name, who.holder]))),
  };
}

/** All on record, also those whose last beat is long ago; by name. */
export async function listWorkers(store: RedisStore, keys: Keys): Promise<RegisteredWorker[]> {
  const { nowMs, fields } = await store.run((client) => runScript(client, LIST, [keys.workers], []));
  const workers: RegisteredWorker[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const match = /^\S+ (\d+) (.*)$/s.exec(fields[i + 1] ?? '');
    if (match === null) continue;
    const beatMs = Number(match[1]);
    const { slots, mean_ms, ...row } = JSON.parse(match[2] ?? '{}') as StoredReport; // as registerWorker wrote it
    workers.push({
      name: fields[i] ?? '',
      ...row,
      slots,
      in_hand: row.in_hand ?? (row.job_id === null ? 0 : 1),
      last_heartbeat: new Date(beatMs).toISOString(),
      meanMs: mean_ms,
      ageMs: Math.max(0, nowMs - beatMs),
    });
  }
  return workers.sort((a, b) => (a.name < b.name ? -1 : 1));
}
