/**
 * Law 6, of jobs whose worker was killed: each claim that it held is told lost, and its job claimed again or ended, within the lease and
 * two seconds, as the contract says. The time in which a store was away, or answered late, is added. Where a worker says that it moved
 * all leases on, because nobody had reached Postgres, the lease counts anew from there; by its README it is ten seconds then at least.
 * A job that was told lost in time, and was then taken by somebody who was lost, too, before claiming it, is to be claimed two seconds
 * after that, as law 5 has it; own-delays.ts says how that is known. It is told lost with a worker that it may have ended: who takes it then
 * may wait until nothing runs beside it, where it says so in time, and no longer than that.
 */
import type { Evidence, WorkerLife } from '../evidence.ts';
import { groupBy, type Claim, type Story } from '../stories.ts';
import { broken, type Violation } from '../violation.ts';
import { awaitedByTheLost, CLAIMS_MS, heldByTheLost } from './own-delays.ts';
import { boundMs, hindered, touches, type Span } from './reach.ts';

const MARGIN_MS = 2000;
/** All leases are moved on by so much at least. */
const MOVED_ON_MS = 10_000;
const MOVES = ['cancelled', 'cleared'];
/** A claim that was asked for before. */
const UNDER_WAY_MS = 250;
/** What was under way to Postgres when the worker was killed. */
const BY_ITSELF = ['processed', 'failed', 'retry_scheduled'];

export function rescue(evidence: Evidence, stories: readonly Story[]): Violation[] {
  const killed = new Map(evidence.workers.flatMap((life) => deathOf(life)));
  const away = hindered(evidence);
  const claimsOf = groupBy(
    stories.flatMap(({ claims }) => claims),
    ({ worker }) => worker,
  );
  return stories.flatMap(({ jobId, claims, events }) => {
    const redeliveredMs = events.filter(({ event }) => event === 'dispatched').map(({ atMs }) => atMs);
    return claims.flatMap((claim, n) => {
      const killedMs = Math.max(killed.get(claim.worker) ?? Infinity, claim.fromMs); // its last claim may be made for nobody
      if (killedMs === Infinity || claim.toMs <= killedMs) return [];
      const byMs = Math.max(...deadlines(evidence, away, killedMs));
      const next = claims.slice(n + 1, n + 2).find(({ fromMs }) => !wasMoved(events, claim, fromMs));
      return late({ evidence, jobId, redeliveredMs, claim, next, killedMs, byMs, claimsOf });
    });
  });
}

/** An operator ended it in the meantime, and somebody began it anew. */
function wasMoved(events: Story['events'], { toMs }: Claim, nextMs: number): boolean {
  return events.some(({ event, atMs }) => MOVES.includes(event) && atMs >= toMs && atMs <= nextMs);
}

interface Lost {
  readonly evidence: Evidence;
  readonly jobId: string;
  readonly redeliveredMs: readonly number[];
  readonly claim: Claim;
  readonly next: Claim | undefined;
  readonly killedMs: number;
  readonly byMs: number;
  /** By the worker that made them. */
  readonly claimsOf: ReadonlyMap<string, readonly Claim[]>;
}

function late(lost: Lost): Violation[] {
  const { evidence, jobId, redeliveredMs, claim, next, killedMs, byMs } = lost;
  const told = (what: string, atMs: number, wantedMs: number): Violation[] => {
    const [tookMs, boundMs] = [atMs, wantedMs].map((ms) => String(Math.round(ms - killedMs)));
    return [
      broken(
        6,
        `was ${what} ${tookMs ?? ''} ms after ${claim.worker} was killed, not ${boundMs ?? ''} ms`,
        jobId,
        killedMs,
      ),
    ];
  };
  if (claim.toMs > byMs) return told('told lost', claim.toMs, byMs);
  if (next === undefined || (claim.end !== undefined && BY_ITSELF.includes(claim.end.event))) return [];
  const unclaimed = { fromMs: claim.toMs, toMs: next.fromMs };
  const again = [
    ...heldByTheLost(evidence, jobId, unclaimed, redeliveredMs),
    ...awaitedByTheLost(evidence, jobId, unclaimed),
  ];
  const takenByMs = Math.max(byMs, ...again.map(({ toMs }) => toMs + CLAIMS_MS));
  const againByMs = Math.max(takenByMs, aloneByMs(lost, next, takenByMs));
  return next.fromMs > againByMs ? told('claimed again', next.fromMs, againByMs) : [];
}

/** When nothing ran beside it any more, and a second, where its next worker had it in time, and said that it waited for that. */
function aloneByMs({ evidence, jobId, claim, claimsOf }: Lost, next: Claim, takenByMs: number): number {
  const sinceMs = evidence.awaited
    .filter((one) => one.jobId === jobId && one.worker === next.worker)
    .map(({ atMs }) => atMs)
    .filter((ms) => ms >= claim.toMs && ms <= Math.min(next.fromMs, takenByMs))
    .at(-1);
  if (sinceMs === undefined) return takenByMs;
  const beside = (claimsOf.get(next.worker) ?? []).filter(({ fromMs }) => fromMs <= sinceMs + UNDER_WAY_MS);
  return Math.max(takenByMs, ...beside.filter((one) => one !== next).map(({ toMs }) => toMs + CLAIMS_MS));
}

function deathOf({ name, signal, killedMs, endedMs }: WorkerLife): [string, number][] {
  const diedMs = killedMs ?? endedMs;
  return signal === 'SIGKILL' && diedMs !== undefined ? [[name, diedMs]] : [];
}

/** By the lease itself, and by each time within the last of them that all leases were moved on. */
function deadlines({ leaseMs, leasesMovedMs }: Evidence, away: readonly Span[], killedMs: number): number[] {
  const found = [boundMs(away, killedMs, leaseMs + MARGIN_MS)];
  for (const movedMs of leasesMovedMs) {
    if (!touches({ fromMs: movedMs, toMs: movedMs }, killedMs, Math.max(...found))) continue;
    found.push(boundMs(away, movedMs, Math.max(leaseMs, MOVED_ON_MS) + MARGIN_MS));
  }
  return found;
}
