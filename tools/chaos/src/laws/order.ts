/**
 * Law 5, for first deliveries: where the enqueue of A was answered before that of B was called, A is claimed first. A job that was
 * passed is *named by the law* only by what befell itself, told in own-delays.ts: it was not pushed, somebody had taken it and was
 * lost, or Redis lost its entry; and only until it had to have its place again, two seconds later. Every claim of a later job that
 * falls outside of all that breaks the law. What is on record is the claim, not the taking: under load the one may come so much
 * after the other as the tolerance says, and what a worker holds ahead lies within it.
 */
import type { Evidence } from '../evidence.ts';
import type { Story } from '../stories.ts';
import { broken, type Violation } from '../violation.ts';
import { ownDelays, type First } from './own-delays.ts';

export const TOLERANCE_MS = 1000;
/** By which a job leaves its place for the first time: a claim, or an operator. */
const LEAVES = ['claimed', 'cancelled', 'cleared'];

export interface Passed {
  readonly jobId: string;
  /** When a later job was claimed first, and when it was claimed itself. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly named: boolean;
}

export function order(evidence: Evidence, stories: readonly Story[]): { violations: Violation[]; passed: Passed[] } {
  const firsts = stories.flatMap((story) => firstOf(story)).sort((a, b) => a.calledMs - b.calledMs);
  const judged = findPassed(firsts).map(({ first, fromMs }) => ({
    first,
    fromMs,
    wrongMs: unnamed(evidence, firsts, first),
  }));
  return {
    passed: judged.map(({ first, fromMs, wrongMs }) => ({
      jobId: first.jobId,
      fromMs,
      toMs: first.leftMs,
      named: wrongMs.length === 0,
    })),
    violations: judged.flatMap(({ first, wrongMs }) => violation(first, wrongMs)),
  };
}

function violation({ jobId, leftMs }: First, [firstMs, ...more]: readonly number[]): Violation[] {
  if (firstMs === undefined) return [];
  const times = more.length === 0 ? '' : `, and ${String(more.length)} times more`;
  const beforeMs = String(Math.round(leftMs - firstMs));
  return [broken(5, `was passed by a later job ${beforeMs} ms before it was taken${times}`, jobId, firstMs)];
}

/** An answer that was lost leaves it unknown whether a job was pushed; it may have passed others all the same. */
function firstOf({ jobId, enqueued, events }: Story): First[] {
  const left = events.find(({ event }) => LEAVES.includes(event));
  if (enqueued === undefined || left === undefined) return [];
  const { calledMs, answeredMs, dispatched } = enqueued;
  const again = events.filter(({ event, atMs }) => event === 'dispatched' && atMs <= left.atMs);
  return [
    {
      jobId,
      calledMs,
      answeredMs,
      pushed: dispatched,
      leftMs: left.atMs,
      passesMs: left.event === 'claimed' ? left.atMs : Infinity,
      redeliveredMs: again.map(({ atMs }) => atMs),
    },
  ];
}

function findPassed(firsts: readonly First[]): { first: First; fromMs: number }[] {
  const earliest = new Array<number>(firsts.length + 1).fill(Infinity);
  for (let n = firsts.length - 1; n >= 0; n -= 1)
    earliest[n] = Math.min(earliest[n + 1] ?? Infinity, firsts[n]?.passesMs ?? Infinity);
  return firsts.flatMap((first) => {
    const fromMs = earliest[indexAfter(firsts, first.answeredMs)] ?? Infinity;
    return first.pushed !== undefined && fromMs < first.leftMs - TOLERANCE_MS ? [{ first, fromMs }] : [];
  });
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

/** When later jobs were claimed before this one though nothing that befell it explains it, in order of time. */
function unnamed(evidence: Evidence, firsts: readonly First[], first: First): number[] {
  const delays = ownDelays(evidence, first);
  return firsts
    .slice(indexAfter(firsts, first.answeredMs))
    .map(({ passesMs }) => passesMs)
    .filter((ms) => ms < first.leftMs - TOLERANCE_MS)
    .filter((ms) => !delays.some(({ fromMs, toMs }) => fromMs <= ms + TOLERANCE_MS && ms <= toMs + TOLERANCE_MS))
    .sort((a, b) => a - b);
}
