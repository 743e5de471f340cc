/**
 * Law 4. Exact for errors: each attempt that was spent by one has a line in the ledger, written by that stage in that claim
 * just before it misbehaved. A lost worker needs an absence of it (killed, frozen, blocked, cut off past its lease) that touches
 * the claim. Allowed besides, and counted: a timeout of a stage whose worker was absent, since time runs on; and a worker that
 * was asked to end while both stores were away, or whose word in Redis was lost with Redis' data, as the README of the worker
 * says. That attempts are numbered by what was spent is part of the replay in stories.ts.
 */
import type { Absence, Evidence, LedgerLine, Outage } from '../evidence.ts';
import { groupBy, type Claim, type Story } from '../stories.ts';
import { broken, type Violation } from '../violation.ts';
import { within } from './one-writer.ts';

const SLACK_MS = 100;
const LOSING = ['redis-tail', 'redis-empty', 'redis-old', 'redis-flush'];

export interface Spent {
  /** By the work's own errors and timeouts. */
  readonly byWork: number;
  readonly byLostWorkers: number;
  /** With both stores away at the end of a worker, or Redis' data lost after it. */
  readonly documented: number;
}

interface Facts {
  readonly evidence: Evidence;
  readonly absences: ReadonlyMap<string, readonly Absence[]>;
}

type Verdict = keyof Spent | Violation | undefined;

export function attempts(evidence: Evidence, stories: readonly Story[]): { violations: Violation[]; spent: Spent } {
  const facts = { evidence, absences: groupBy(evidence.absences, ({ worker }) => worker) };
  const spent = { byWork: 0, byLostWorkers: 0, documented: 0 };
  const violations: Violation[] = [];
  for (const story of stories) {
    for (const claim of story.claims) {
      const verdict = judgeClaim(facts, story, claim);
      if (typeof verdict === 'string') spent[verdict] += 1;
      else if (verdict !== undefined) violations.push(verdict);
    }
  }
  return { violations, spent };
}

function judgeClaim(facts: Facts, story: Story, claim: Claim): Verdict {
  const { end } = claim;
  if (end?.event === 'worker_lost') return judgeLost(facts, story, claim);
  if (end?.event === 'failed' || (end?.event === 'retry_scheduled' && end.reason !== 'retry_after'))
    return judgeError(facts, story, claim);
  return undefined;
}

function judgeError({ evidence, absences }: Facts, story: Story, claim: Claim): Verdict {
  const { end } = claim;
  const reason = end?.reason ?? 'nothing';
  const act = story.ledger.find((line) => misbehaved(line) && line.stage === end?.stage && within(claim, line));
  const spentUp = claim.attempt > evidence.retriesMax;
  if (act !== undefined && end?.event === 'failed' && !spentUp && act.what !== 'permanent')
    return broken(4, `failed for good after attempt ${String(claim.attempt)} by ${act.what}`, story.jobId, claim.toMs);
  if (act !== undefined) return 'byWork';
  if (reason === 'timeout' && wasAbsent(absences, claim)) return 'byWork';
  const where = `${end?.stage ?? 'no stage'} of ${claim.worker}`;
  return broken(
    4,
    `attempt ${String(claim.attempt)} spent by ${reason} in ${where}, which did nothing wrong`,
    story.jobId,
    claim.toMs,
  );
}

function judgeLost({ evidence, absences }: Facts, story: Story, claim: Claim): Verdict {
  if (wasAbsent(absences, claim)) return 'byLostWorkers';
  if (leftUnsaid(evidence, claim)) return 'documented';
  return broken(
    4,
    `attempt ${String(claim.attempt)} spent as lost with ${claim.worker}, which was there`,
    story.jobId,
    claim.toMs,
  );
}

const misbehaved = ({ what }: LedgerLine): boolean => what !== 'start' && what !== 'end';

function wasAbsent(absences: Facts['absences'], { worker, fromMs, toMs }: Claim): boolean {
  return (absences.get(worker) ?? []).some((away) => away.fromMs <= toMs + SLACK_MS && away.toMs >= fromMs - SLACK_MS);
}

/** It was asked to end, could not give back because Postgres was away, and its word in Redis came to nothing. */
function leftUnsaid({ workers, outages, faults, graceMs }: Evidence, { worker, toMs }: Claim): boolean {
  const life = workers.find(({ name }) => name === worker);
  const { termedMs, endedMs = Infinity } = life ?? {};
  if (termedMs === undefined) return false;
  const away = (store: Outage['store']): boolean =>
    outages.some((one) => one.store === store && one.fromMs <= endedMs && one.toMs + graceMs >= termedMs);
  const dataLost = faults.some((one) => LOSING.includes(one.kind) && one.toMs >= termedMs && one.fromMs <= toMs);
  return away('postgres') && (away('redis') || dataLost);
}
