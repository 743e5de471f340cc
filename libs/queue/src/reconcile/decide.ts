// What was seen of the two stores → what to do about it. Pure: facts in, named repairs with their reasons out. What may be
// in flight is acted on only at the second look, some time after the first.
import type { ReconcileReason } from '@jobhive/config';
import type { Peek } from '../delivery/peek.ts';

export const LOOK_AGAIN_MS = 2000;
/** For what was taken and not claimed: a claim takes milliseconds, and law 5 gives its job two seconds, of which a tick is over at the first look. */
export const UNCLAIMED_AGAIN_MS = 500;

export interface Facts {
  readonly peek: Peek;
  /** The run of Redis that was seen last, on record in Postgres. */
  readonly knownRunId: string | null;
  /** Smallest place in line whose push failed. */
  readonly redisBehind: number | null;
  /** Something waits in Postgres. */
  readonly waiting: boolean;
  /** Since when the entries of Redis do not add up, ms of a monotonic clock. */
  readonly mismatchSinceMs: number | null;
  readonly nowMs: number;
}

export type Repair =
  | { readonly kind: 'rebuild'; readonly reason: ReconcileReason }
  | { readonly kind: 'whole_pass'; readonly reason: ReconcileReason; readonly ghosts: boolean }
  | { readonly kind: 'pass_from'; readonly reason: ReconcileReason; readonly fromSeq: number }
  | { readonly kind: 'rolling_page' };

export function addsUp(seen: Peek): boolean {
  return seen.entries === seen.waiting + seen.active;
}

/** The repairs of one look, the most thorough first; nothing at rest. */
export function decide(facts: Facts): Repair[] {
  if (!facts.peek.whole) return [{ kind: 'rebuild', reason: 'marker_missing' }];
  if (facts.knownRunId !== facts.peek.runId) return [{ kind: 'whole_pass', reason: 'redis_restarted', ghosts: false }];
  const repairs: Repair[] = [];
  if (facts.mismatchSinceMs !== null && facts.nowMs - facts.mismatchSinceMs >= LOOK_AGAIN_MS) {
    repairs.push({ kind: 'whole_pass', reason: 'count_mismatch', ghosts: true });
  }
  if (facts.redisBehind !== null)
    repairs.push({ kind: 'pass_from', reason: 'redis_behind', fromSeq: facts.redisBehind - 1 });
  if (facts.waiting || facts.peek.waiting > 0) repairs.push({ kind: 'rolling_page' });
  return repairs;
}

export interface LookOptions {
  /** Where a round of looks takes several pages: the last of them. What was not seen in a round is forgotten with it. */
  readonly endsRound?: boolean;
  /** Seen again or not, nothing is done about these now; their first sight is kept. */
  readonly notYet?: ReadonlySet<string>;
}

export interface SeenTwice {
  readonly ripe: readonly string[];
  /** When another look is to come for what was seen here, from now; null where none is needed. */
  readonly nextMs: number | null;
}

/** What was seen twice, `againMs` apart: remembers first sights, forgets what is no longer seen. */
export function createSecondLook(
  againMs = LOOK_AGAIN_MS,
): (ids: readonly string[], nowMs: number, options?: LookOptions) => SeenTwice {
  let first = new Map<string, number>();
  let seen = new Map<string, number>();
  return (ids, nowMs, { endsRound = true, notYet } = {}) => {
    for (const id of ids) seen.set(id, first.get(id) ?? nowMs);
    const looked = ids.filter((id) => notYet?.has(id) !== true);
    const leftMs = (id: string): number => againMs - (nowMs - (seen.get(id) ?? nowMs));
    const ripe = looked.filter((id) => leftMs(id) <= 0);
    const nextMs = looked.map(leftMs).filter((ms) => ms > 0);
    if (looked.length < ids.length) nextMs.push(againMs); // what is not acted on yet may be, any time
    for (const id of ripe) seen.delete(id);
    if (endsRound) {
      first = seen;
      seen = new Map();
    }
    return { ripe, nextMs: nextMs.length === 0 ? null : Math.min(...nextMs) };
  };
}
