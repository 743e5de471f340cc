/**
 * Evidence → what is broken, and the figures that the laws allow and count. It shares no code with the system: the rules of each
 * law stand in laws/, written from the contract, each with what it can prove exactly and what it lets pass. Pure.
 */
import type { Evidence } from './evidence.ts';
import { acceptedIsKept } from './laws/accepted-is-kept.ts';
import { asAsked } from './laws/as-asked.ts';
import { attempts, type Spent } from './laws/attempts.ts';
import { effectOnce } from './laws/effect-once.ts';
import { historyByModel } from './laws/history.ts';
import { idsOnly } from './laws/ids-only.ts';
import { oneWriter } from './laws/one-writer.ts';
import { order, type Passed } from './laws/order.ts';
import { rescue } from './laws/rescue.ts';
import { waitsEnd } from './laws/waits-end.ts';
import { waitsSum } from './laws/waits-sum.ts';
import { tellStories } from './stories.ts';
import type { Violation } from './violation.ts';

export interface Verdict {
  readonly violations: readonly Violation[];
  readonly spent: Spent;
  /** First deliveries that a later one passed. */
  readonly passed: readonly Passed[];
  readonly statuses: Readonly<Record<string, number>>;
}

export function judge(evidence: Evidence): Verdict {
  const stories = tellStories(evidence);
  const { violations: wronglySpent, spent } = attempts(evidence, stories);
  const { violations: wrongOrder, passed } = order(evidence, stories);
  const statuses: Record<string, number> = {};
  for (const { status } of evidence.rows) statuses[status] = (statuses[status] ?? 0) + 1;
  return {
    violations: [
      ...acceptedIsKept(evidence, stories),
      ...asAsked(evidence, stories),
      ...oneWriter(evidence, stories),
      ...effectOnce(evidence, stories),
      ...wronglySpent,
      ...wrongOrder,
      ...waitsEnd(evidence),
      ...rescue(evidence, stories),
      ...stories.flatMap(({ faults }) => faults),
      ...historyByModel(evidence),
      ...waitsSum(evidence),
      ...idsOnly(evidence),
    ],
    spent,
    passed,
    statuses,
  };
}
