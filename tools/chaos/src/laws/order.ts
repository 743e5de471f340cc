/**
 * Law 5, for first deliveries: where the enqueue of A was answered `dispatched` before that of B was called, A is claimed first.
 * Not exact, since what Redis held is gone: a job that was passed is *named by the law* where its history says that it was
 * delivered again before its first claim (its entry was lost, or its taker died) and nothing passed it long after that, or
 * where a store was away or a worker absent while it was passed (its taker had it, and could not claim it). Those are counted.
 * One that was passed in quiet times breaks the law. What is on record is the claim, not the taking: under load the one may come
 * so much after the other as the tolerance says, and what a worker holds ahead lies within it.
 */
import type { Evidence } from '../evidence.ts';
import type { Story } from '../stories.ts';
import { broken, type Violation } from '../violation.ts';

const TOLERANCE_MS = 1000;
/** A worker that lost a store may hold an id for as long as a call to it may take. */
const AFTERMATH_MS = 5000;

export interface Passed {
  readonly jobId: string;
  /** When a later job was claimed first, and when it was claimed itself. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly named: boolean;
}

export function order(evidence: Evidence, stories: readonly Story[]): { violations: Violation[]; passed: Passed[] } {
  const passed = findPassed(stories).map((one) => ({ ...one, named: isNamed(evidence, one) }));
  const violations = passed
    .filter(({ named }) => !named)
    .map(({ jobId, fromMs, toMs }) =>
      broken(5, `was passed by a later job ${String(Math.round(toMs - fromMs))} ms before it was taken`, jobId, fromMs),
    );
  return { violations, passed };
}

interface First {
  readonly jobId: string;
  readonly calledMs: number;
  readonly answeredMs: number;
  readonly claimedMs: number;
  readonly redeliveredMs: number | undefined;
}

type Found = Omit<Passed, 'named'> & Pick<First, 'redeliveredMs'>;

function findPassed(stories: readonly Story[]): Found[] {
  const firsts = stories.flatMap((story) => firstOf(story)).sort((a, b) => a.calledMs - b.calledMs);
  const earliest = new Array<number>(firsts.length + 1).fill(Infinity);
  for (let n = firsts.length - 1; n >= 0; n -= 1)
    earliest[n] = Math.min(earliest[n + 1] ?? Infinity, firsts[n]?.claimedMs ?? Infinity);
  return firsts.flatMap(({ jobId, answeredMs, claimedMs, redeliveredMs }) => {
    const passer = earliest[indexAfter(firsts, answeredMs)] ?? Infinity;
    if (passer >= claimedMs - TOLERANCE_MS) return [];
    return [{ jobId, fromMs: passer, toMs: claimedMs, redeliveredMs }];
  });
}

function firstOf({ jobId, enqueued, claims, events }: Story): First[] {
  const claim = claims[0];
  if (enqueued?.dispatched !== true || claim === undefined) return [];
  const redelivered = events.filter(({ event, atMs }) => event === 'dispatched' && atMs <= claim.fromMs);
  const { calledMs, answeredMs } = enqueued;
  return [{ jobId, calledMs, answeredMs, claimedMs: claim.fromMs, redeliveredMs: redelivered.at(-1)?.atMs }];
}

/** The first that was called after this time. */
function indexAfter(firsts: readonly First[], ms: number): number {
  let low = 0;
  let high = firsts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((firsts[middle]?.calledMs ?? Infinity) > ms) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isNamed({ outages, absences, faults }: Evidence, { fromMs, toMs, redeliveredMs }: Found): boolean {
  if (redeliveredMs !== undefined && redeliveredMs >= fromMs - AFTERMATH_MS) return true;
  const touches = (from: number, to: number): boolean => from <= toMs && to + AFTERMATH_MS >= fromMs;
  return (
    outages.some((one) => touches(one.fromMs, one.toMs)) ||
    absences.some((one) => touches(one.fromMs, Math.min(one.toMs, one.fromMs + AFTERMATH_MS))) ||
    faults.some((one) => one.lane === 'redis' && touches(one.fromMs, one.toMs))
  );
}
