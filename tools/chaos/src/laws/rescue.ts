/**
 * Law 6, of jobs whose worker was killed: each claim that it held is told lost, and its job claimed again or ended, within the lease and
 * two seconds, as the contract says. The time in which a store was away, or answered late, is added. Where a worker says that it moved
 * all leases on, because nobody had reached Postgres, the lease counts anew from there, unless the killed one had renewed it since; by its
 * README it is ten seconds then at least.
 * A job that was told lost in time, and was then taken by somebody who was lost, too, before claiming it, is to be claimed two seconds
 * after that, as law 5 has it; own-delays.ts says how that is known. Where Redis loses its line meanwhile it is claimed once that had to be
 * back. It is told lost with a worker that it may have ended: who takes it then may wait until nothing runs beside it, where it says so in
 * time, and no longer than that. While an operator has paused all, nothing is claimed, and that bound stands still. A job that an operator
 * takes out of the queue has not waited too long until then, or it has.
 */
import type { Event, Evidence, WorkerLife } from '../evidence.ts';
import { groupBy, type Claim, type Story } from '../stories.ts';
import { broken, type Violation } from '../violation.ts';
import { awaitedByTheLost, CLAIMS_MS, heldByTheLost, withoutLine } from './own-delays.ts';
import { pausedFor } from './pauses.ts';
import { boundMs, hindered, touches, type Span } from './reach.ts';

const MARGIN_MS = 2000;
/** All leases are moved on by so much at least. */
const MOVED_ON_MS = 10_000;
/** A worker renews its leases so often. */
const RENEWS_MS = 1000;
/** A claim that was asked for before. */
const UNDER_WAY_MS = 250;
/** What was under way to Postgres when the worker was killed ends a claim by itself; these do in its stead. */
const GONE = ['worker_lost', 'given_back'];
/** By which a job waits for a claim no longer. */
const LEAVES = ['claimed', 'failed', 'cancelled', 'cleared'];

interface Facts {
  readonly evidence: Evidence;
  readonly away: readonly Span[];
  readonly paused: readonly Span[];
  /** By the worker that made them. */
  readonly claimsOf: ReadonlyMap<string, readonly Claim[]>;
}

export function rescue(evidence: Evidence, stories: readonly Story[]): Violation[] {
  const killed = new Map(evidence.workers.flatMap((life) => deathOf(life)));
  const claims = stories.flatMap((story) => story.claims);
  const facts = {
    evidence,
    away: hindered(evidence.outages),
    paused: pausedFor(evidence.calls),
    claimsOf: groupBy(claims, ({ worker }) => worker),
  };
  return stories.flatMap((story) =>
    story.claims.flatMap((claim) => {
      const killedMs = Math.max(killed.get(claim.worker) ?? Infinity, claim.fromMs); // its last claim may be made for nobody
      return killedMs === Infinity || claim.toMs <= killedMs ? [] : late(facts, story, claim, killedMs);
    }),
  );
}

function late(facts: Facts, story: Story, claim: Claim, killedMs: number): Violation[] {
  const { evidence, away, paused } = facts;
  const told = (what: string, atMs: number, wantedMs: number): Violation[] => {
    const [tookMs = '', byMs = ''] = [atMs, wantedMs].map((ms) => String(Math.round(ms - killedMs)));
    const text = `was ${what} ${tookMs} ms after ${claim.worker} was killed, not ${byMs} ms`;
    return [broken(6, text, story.jobId, killedMs)];
  };
  const lostByMs = deadline(evidence, away, killedMs);
  if (claim.toMs > lostByMs) return told('told lost', claim.toMs, lostByMs);
  const left = leaves(story, claim);
  if (left === undefined) return [];
  const unclaimed = { fromMs: claim.toMs, toMs: left.atMs };
  const dueMs = deadline(evidence, [...away, ...paused], killedMs);
  const again = [
    ...heldByTheLost(evidence, story.jobId, unclaimed, redeliveries(story)),
    ...awaitedByTheLost(evidence, story.jobId, unclaimed),
    ...withoutLine(evidence, { fromMs: claim.toMs, toMs: dueMs }),
  ];
  const takenByMs = Math.max(dueMs, ...again.map(({ toMs }) => boundMs(paused, toMs, CLAIMS_MS)));
  const againByMs = Math.max(takenByMs, aloneByMs(facts, story.jobId, left, { fromMs: claim.toMs, toMs: takenByMs }));
  return left.atMs > againByMs ? told('claimed again', left.atMs, againByMs) : [];
}

/** The event by which a job that was told lost waits no longer; undefined where the claim ended by itself. */
function leaves({ events }: Story, { end }: Claim): Event | undefined {
  if (end === undefined || !GONE.includes(end.event)) return undefined;
  return events.slice(events.indexOf(end) + 1).find(({ event }) => LEAVES.includes(event));
}

const redeliveries = ({ events }: Story): number[] =>
  events.filter(({ event }) => event === 'dispatched').map(({ atMs }) => atMs);

/**
 * When nothing ran beside it any more, and a second, where its next worker said within that time that it had it, and waited for that.
 * What it had waited for in the same way before runs first.
 */
function aloneByMs({ evidence, claimsOf }: Facts, jobId: string, { worker, atMs }: Event, inTime: Span): number {
  const said = evidence.awaited.filter((one) => one.worker === worker && one.atMs <= Math.min(atMs, inTime.toMs));
  const sinceMs = said.filter((one) => one.jobId === jobId && one.atMs >= inTime.fromMs).at(-1)?.atMs;
  if (sinceMs === undefined) return inTime.toMs;
  const first = said.filter((one) => one.jobId !== jobId && one.atMs <= sinceMs).map((one) => one.jobId);
  const beside = (claimsOf.get(worker ?? '') ?? []).filter(
    (one) => one.fromMs <= sinceMs + UNDER_WAY_MS || (first.includes(one.jobId) && one.fromMs <= atMs),
  );
  const others = beside.filter((one) => one.jobId !== jobId);
  return Math.max(inTime.toMs, ...others.map(({ toMs }) => toMs + CLAIMS_MS));
}

function deathOf({ name, signal, killedMs, endedMs }: WorkerLife): [string, number][] {
  const diedMs = killedMs ?? endedMs;
  return signal === 'SIGKILL' && diedMs !== undefined ? [[name, diedMs]] : [];
}

/** By the lease itself, or by the last time within it, or since its last renewal, that all leases were moved on. */
function deadline({ leaseMs, leasesMovedMs }: Evidence, away: readonly Span[], killedMs: number): number {
  const found = [boundMs(away, killedMs, leaseMs + MARGIN_MS)];
  for (const movedMs of leasesMovedMs) {
    const holdsMs = boundMs(away, movedMs, RENEWS_MS);
    if (!touches({ fromMs: movedMs, toMs: holdsMs }, killedMs, Math.max(...found))) continue;
    found.push(boundMs(away, movedMs, Math.max(leaseMs, MOVED_ON_MS) + MARGIN_MS));
  }
  return Math.max(...found);
}
