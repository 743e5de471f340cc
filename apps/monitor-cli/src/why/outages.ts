// What held for the queue as a whole, from the events of the system: when it was paused, when Redis was away, when
// Postgres was. Pure. Each list is in order and without overlap. Several processes tell of one outage: it begins with the
// first that tells of it and ends with the first that tells of its end. One without an end on record goes on to now.
import type { SystemEntry, SystemEvent } from '@jobhive/db';

export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Outages {
  readonly paused: readonly Period[];
  readonly redis: readonly Period[];
  readonly postgres: readonly Period[];
}

function periodsBetween(
  entries: readonly SystemEntry[],
  begin: SystemEvent,
  end: SystemEvent,
  nowMs: number,
): Period[] {
  const periods: Period[] = [];
  let fromMs: number | undefined;
  for (const entry of entries) {
    const atMs = Date.parse(entry.at);
    if (entry.event === begin) fromMs ??= atMs;
    if (entry.event !== end || fromMs === undefined) continue;
    periods.push({ fromMs, toMs: Math.max(fromMs, atMs) });
    fromMs = undefined;
  }
  if (fromMs !== undefined) periods.push({ fromMs, toMs: Math.max(fromMs, nowMs) });
  return periods;
}

/** Nobody can record that Postgres is away while it is: its return tells for how long it was. */
function postgresPeriods(entries: readonly SystemEntry[]): Period[] {
  const periods: Period[] = [];
  for (const { event, at, detail } of entries) {
    const awayMs = detail['away_ms'];
    if (event !== 'postgres_back' || typeof awayMs !== 'number' || awayMs <= 0) continue;
    const toMs = Date.parse(at);
    const fromMs = Math.max(toMs - awayMs, periods.at(-1)?.toMs ?? -Infinity);
    if (fromMs < toMs) periods.push({ fromMs, toMs });
  }
  return periods;
}

/** @param entries events since the job was first queued, and the last of each kind before; in any order */
export function outages(entries: readonly SystemEntry[], nowMs: number): Outages {
  const ordered = [...entries].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return {
    paused: periodsBetween(ordered, 'paused', 'resumed', nowMs),
    redis: periodsBetween(ordered, 'redis_away', 'redis_back', nowMs),
    postgres: postgresPeriods(ordered),
  };
}
