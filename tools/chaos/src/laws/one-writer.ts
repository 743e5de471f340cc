/**
 * Law 2. Exact for outputs: each that is on record bears the nonce of a run that ended within the claim which recorded it, by
 * that claim's worker; a run of anybody else, frozen and thawed, has left nothing. (Whose events stand in the history is
 * law 7's replay.) A stage that ran outside of every claim of its worker is allowed only where that worker was absent, or
 * Postgres away, shortly before: it could not know yet that its claim was gone.
 */
import type { Evidence, LedgerLine } from '../evidence.ts';
import type { Claim, Story } from '../stories.ts';
import { broken, type Violation } from '../violation.ts';

const SLACK_MS = 50;
/** From the end of an absence or outage until the worker has learnt what became of its claims. */
const LEARNS_MS = 10_000;
/** A claim commits without waiting for the disk: a crash of Postgres may take it back within this. */
const LAZY_MS = 3000;

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

function runs({ absences, outages }: Evidence, story: Story): Violation[] {
  const strays = story.ledger.filter(
    (line) => line.what === 'start' && !story.claims.some((claim) => within(claim, line)),
  );
  return strays.flatMap((line) => {
    const near = (from: number, to: number): boolean => from <= line.at + LAZY_MS && to >= line.at - LEARNS_MS;
    const excused =
      absences.some(({ worker, fromMs, toMs }) => worker === line.worker && near(fromMs, toMs)) ||
      outages.some(({ store, fromMs, toMs }) => store === 'postgres' && near(fromMs, toMs));
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
