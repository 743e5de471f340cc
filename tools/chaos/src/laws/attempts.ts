/**
 * Law 4. Exact for errors: each attempt that was spent by one has a line in the ledger, written by that stage in that claim
 * just before it misbehaved. A lost worker needs an absence of it (killed, frozen, blocked, cut off past its lease) that began long
 * enough before the loss for a lease to run out, and was not over so long before it that the worker would have renewed. Allowed
 * besides, and counted: a timeout of a stage whose worker was absent within that stage's time, since time runs on; and a worker that
 * was asked to end, and at its end could reach neither store, or whose word in Redis was lost with Redis' data, as the README of the
 * worker says. That attempts are numbered by what was spent is part of the replay in stories.ts.
 */
import type { Absence, Evidence, LedgerLine } from '../evidence.ts';
import { groupBy, type Claim, type Story } from '../stories.ts';
import { broken, type Violation } from '../violation.ts';
import { within } from './one-writer.ts';
import { coveredMs, touches, unreached, type Span } from './reach.ts';

const SLACK_MS = 100;
/** A lost session shortens a lease to three seconds; the last renewal may be as old as a tick. */
const LOST_MS_MIN = 2000;
/** A worker that is back renews with its next tick, each second. */
const RENEWS_MS = 2000;
/** pipelines/chaos.mjs gives one stage a second. */
const STAGE_TIMEOUT_MS = 1000;
/** At its end a worker says what it could not give back: 0.5 s for that, 0.5 s for the rest, and some until it is gone. */
const LAST_WORDS_MS = 2000;
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
  if (reason === 'timeout' && timeRanOn(absences, story, claim)) return 'byWork';
  const where = `${end?.stage ?? 'no stage'} of ${claim.worker}`;
  return broken(
    4,
    `attempt ${String(claim.attempt)} spent by ${reason} in ${where}, which did nothing wrong`,
    story.jobId,
    claim.toMs,
  );
}

function judgeLost({ evidence, absences }: Facts, story: Story, claim: Claim): Verdict {
  if (couldNotRenew({ evidence, absences }, claim)) return 'byLostWorkers';
  if (leftUnsaid(evidence, claim)) return 'documented';
  return broken(
    4,
    `attempt ${String(claim.attempt)} spent as lost with ${claim.worker}, which was there`,
    story.jobId,
    claim.toMs,
  );
}

const misbehaved = ({ what }: LedgerLine): boolean => what !== 'start' && what !== 'end';

function couldNotRenew({ evidence, absences }: Facts, { worker, toMs }: Claim): boolean {
  const side = evidence.workers.find(({ name }) => name === worker)?.side;
  const away = unreached(evidence.outages, 'postgres', side);
  const backMs = (one: Span): number => toMs - one.toMs - coveredMs(away, one.toMs, toMs);
  return (absences.get(worker) ?? []).some((one) => one.fromMs <= toMs - LOST_MS_MIN && backMs(one) <= RENEWS_MS);
}

/** The worker was absent while the stage had its time; where that never began, at any time of the claim. */
function timeRanOn(absences: Facts['absences'], { ledger }: Story, claim: Claim): boolean {
  const { worker, fromMs, toMs, end } = claim;
  const begun = ledger.find((line) => line.what === 'start' && line.stage === end?.stage && within(claim, line));
  const [from, to] = begun === undefined ? [fromMs, toMs] : [begun.at, begun.at + STAGE_TIMEOUT_MS];
  return (absences.get(worker) ?? []).some((away) => touches(away, from - SLACK_MS, to + SLACK_MS));
}

/** It was asked to end, to the last did not reach Postgres to give back, and its word in Redis came to nothing. */
function leftUnsaid({ workers, outages, faults }: Evidence, { worker, toMs }: Claim): boolean {
  const life = workers.find(({ name }) => name === worker);
  if (life?.termedMs === undefined) return false;
  const { termedMs, endedMs = toMs, side } = life;
  const wordsMs = Math.max(termedMs, endedMs - LAST_WORDS_MS);
  const without = (store: 'redis' | 'postgres'): boolean =>
    unreached(outages, store, side).some((one) => touches(one, wordsMs, endedMs));
  const wordLost = faults.some((one) => LOSING.includes(one.kind) && touches(one, wordsMs, toMs));
  return without('postgres') && (without('redis') || wordLost);
}
