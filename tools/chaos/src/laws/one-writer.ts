/**
 * Law 2. Exact for outputs: each that is on record bears the nonce of a run that ended within the claim which recorded it, by
 * that claim's worker; a run of anybody else, frozen and thawed, has left nothing. (Whose events stand in the history is
 * law 7's replay.) A stage that ran outside of every claim of its worker is allowed only where that worker was absent, or did
 * not reach Postgres, so shortly before that it could still trust its lease: it could not know yet that its claim was gone.
 */
import type { Evidence, LedgerLine } from '../evidence.ts';
import type { Claim, Story } from '../stories.ts';
import { broken, type Violation } from '../violation.ts';
import { touches, unreached } from './reach.ts';

const SLACK_MS = 50;
/** A claim commits without waiting for the disk: a crash of Postgres may take it back within this (three rounds of its writer). */
const LAZY_MS = 1000;

export function oneWriter(evidence: Evidence, stories: readonly Story[]): Violation[] {
  return stories.flatMap((story) => [...outputs(story), ...runs(evidence, story)]);
}

function outputs(story: Story): Violation[] {
  return Object.entries(story.row.stageOutputs).flatMap(([stage, { output }]) => {
    const run = story.ledger.find(
      (line) => line.what === 'end' && line.stage === stage && line.nonce === output?.nonce,
    );
    if (run === undefined)
      return [broken(2, `the output of ${stage} on record is of no run in the ledger`, story.jobId)];
    const claim = story.claims.find(({ finished }) => finished.some((event) => event.stage === stage));
    if (claim === undefined) return [broken(7, `the output of ${stage} is on record without an event`, story.jobId)];
    return within(claim, run)
      ? []
      : [broken(2, `the output of ${stage} is of ${told(run)}, not of the claim`, story.jobId, run.at)];
  });
}

function runs({ absences, outages, workers, leaseMs }: Evidence, story: Story): Violation[] {
  const strays = story.ledger.filter(
    (line) => line.what === 'start' && !story.claims.some((claim) => within(claim, line)),
  );
  return strays.flatMap((line) => {
    const side = workers.find(({ name }) => name === line.worker)?.side;
    const trustedMs = line.at - leaseMs; // what was renewed before that is trusted no longer
    const excused =
      absences.some((one) => one.worker === line.worker && touches(one, trustedMs, line.at + SLACK_MS)) ||
      unreached(outages, 'postgres', side).some((one) => touches(one, trustedMs, line.at + LAZY_MS));
    return excused ? [] : [broken(2, `${told(line)} ran ${line.stage} without a claim`, story.jobId, line.at)];
  });
}

export function within(claim: Claim, line: LedgerLine): boolean {
  return (
    line.worker === claim.worker &&
    line.attempt === claim.attempt &&
    line.at >= claim.fromMs - SLACK_MS &&
    line.at <= claim.toMs + SLACK_MS
  );
}

const told = ({ worker, attempt }: LedgerLine): string => `a run of ${worker} (attempt ${String(attempt)})`;
