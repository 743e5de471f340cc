/**
 * What befell one job before its first claim, by which law 5 lets later ones pass it: times, each from its cause until the job had to
 * have its place again, two seconds later. Outages that fall into it, and the comparing of the stores changing hands, are added.
 *
 * Who had taken a job that nobody claimed stands nowhere: a killed worker writes nothing. What can be told of that is narrower than
 * "some worker was killed": this very id was *seen*, look after look, in Redis' list of the taken, so that somebody had it and did not work
 * on it; and about when it was taken, a worker was absent, was ended, or did not reach a store. Where the id was not seen there (it was
 * too short, or Redis was down), its own `dispatched` event tells that it had to be delivered again.
 */
import type { Evidence, Handover } from '../evidence.ts';
import { beganMs, boundMs, hindered, touches, unreached, type Span } from './reach.ts';

/** A job's way to its first claim, or to what came before that. */
export interface First {
  readonly jobId: string;
  readonly calledMs: number;
  readonly answeredMs: number;
  /** What the enqueue said; undefined where its answer was lost. */
  readonly pushed: boolean | undefined;
  /** When it left its place: it was claimed, or an operator took it out. */
  readonly leftMs: number;
  /** When it was claimed from there; infinite where it never was. */
  readonly passesMs: number;
  /** When the record says that it was delivered again. */
  readonly redeliveredMs: readonly number[];
}

/** As law 5 has it. */
const REGAINS_MS = 2000;
/** Who compares the stores was lost: by the contract another does within five seconds, who has seen nothing yet. */
const HANDOVER_MS = 5000;
/** By its lease, a tick, and the look at it, a change of hands is seen within so long. */
const HANDOVER_SEEN_MS = 4000;
/** By the contract, and the look at it, where it is known when he was lost that had it before. */
const HANDED_OVER_MS = HANDOVER_MS + 1000;
/** What takes it from one who lives. */
const TAKEN_AWAY = 'two-reconcilers';
/** A server that is asked by a frozen worker hands it an id for as long as that question waits. */
const ASKED_MS = 5000;
/** From the taking to the claim, on a machine under load. */
export const CLAIMS_MS = 1000;
/** Two looks at Redis lie this far apart. */
const LOOK_MS = 150;
/** The record tells of a delivery so long after it was made. */
const TOLD_WITHIN_MS = 500;
/** These lose everything, these what came since they began. */
const LOSING_ALL = ['redis-empty', 'redis-flush'];
const LOSING_LAST = ['redis-tail', 'redis-old'];

export function ownDelays(evidence: Evidence, first: First): Span[] {
  const away = hindered(evidence.outages);
  const until = (fromMs: number): number => regainedBy(evidence, away, fromMs);
  const since = (toMs: number): number =>
    beganMs(away, toMs, allowedMs(evidence, away, beganMs(away, toMs, REGAINS_MS + HANDOVER_MS)));
  const [unpushed, lost] = [first.pushed === false ? [first.answeredMs] : [], lostEntry(evidence, first)];
  return [
    ...[...unpushed, ...lost].map((ms) => ({ fromMs: ms, toMs: until(ms) })),
    ...heldByTheLost(evidence, first.jobId, { fromMs: first.calledMs, toMs: first.leftMs }, first.redeliveredMs),
    ...claimedLate(evidence, first),
    ...unseen(evidence, first).map((ms) => ({ fromMs: since(ms), toMs: ms })),
  ];
}

/**
 * Two seconds; and two more from when somebody else was seen to compare the stores, who has seen nothing yet, if that was named by what
 * befell him who did before, or (where it is not known who that was) it was seen so soon that he may have been lost.
 */
function regainedBy(evidence: Evidence, away: readonly Span[], fromMs: number): number {
  return evidence.handovers
    .filter(({ atMs }) => atMs >= fromMs)
    .sort((a, b) => a.atMs - b.atMs)
    .reduce(
      (toMs, one) =>
        isDue(evidence, away, one, { fromMs, toMs }) ? Math.max(toMs, boundMs(away, one.atMs, REGAINS_MS)) : toMs,
      boundMs(away, fromMs, REGAINS_MS),
    );
}

/** He was lost while it was still to be done, and followed in time; or lived, and it was taken from him, or he may have been cut off. */
function isDue(evidence: Evidence, away: readonly Span[], one: Handover, { fromMs, toMs }: Span): boolean {
  const soon = one.atMs <= Math.max(toMs, boundMs(away, fromMs, HANDOVER_SEEN_MS));
  if (one.from === undefined) return soon;
  const lostMs = lossOfFormer(evidence, one);
  if (lostMs !== undefined)
    return lostMs <= toMs && one.atMs <= boundMs(away, Math.max(lostMs, fromMs), HANDED_OVER_MS);
  const taken = evidence.faults.filter(({ kind }) => kind === TAKEN_AWAY);
  return soon && [...away, ...taken].some((what) => touches(what, one.atMs - HANDED_OVER_MS, one.atMs));
}

/** When he was absent in the time before, or had ended. */
function lossOfFormer({ absences, workers }: Evidence, { from, atMs }: Handover): number | undefined {
  const gone = absences
    .filter(({ worker, fromMs, toMs }) => worker === from && fromMs <= atMs && toMs >= atMs - HANDED_OVER_MS)
    .map(({ fromMs }) => fromMs);
  const ended = workers.flatMap(({ name, termedMs }) =>
    name === from && termedMs !== undefined && termedMs <= atMs ? [termedMs] : [],
  );
  const all = [...gone, ...ended];
  return all.length === 0 ? undefined : Math.max(...all);
}

function allowedMs({ handovers }: Evidence, away: readonly Span[], fromMs: number): number {
  const seenBy = boundMs(away, fromMs, HANDOVER_SEEN_MS);
  return REGAINS_MS + (handovers.some(({ atMs }) => atMs >= fromMs && atMs <= seenBy) ? HANDOVER_MS : 0);
}

/** Redis lost the entry: from when it is back. */
function lostEntry({ faults }: Evidence, { answeredMs, leftMs, redeliveredMs }: First): number[] {
  const came = [answeredMs, ...redeliveredMs];
  return faults
    .filter(({ fromMs }) => fromMs < leftMs)
    .filter(
      ({ kind, fromMs, toMs }) =>
        (LOSING_ALL.includes(kind) && answeredMs <= toMs) ||
        (LOSING_LAST.includes(kind) && came.some((ms) => ms >= fromMs && ms <= toMs)),
    )
    .map(({ toMs }) => toMs);
}

/** Times in which Redis had lost its line, so that nothing could be delivered: each until it had to be back. */
export function withoutLine(evidence: Evidence, unclaimed: Span): Span[] {
  const away = hindered(evidence.outages);
  return evidence.faults
    .filter(({ kind }) => LOSING_ALL.includes(kind))
    .map(({ toMs }) => ({ fromMs: toMs, toMs: regainedBy(evidence, away, toMs) }))
    .filter((span) => touches(span, unclaimed.fromMs, unclaimed.toMs));
}

/** When it was delivered again, but for what was seen as taken until then: of that, the loss of its taker is the cause. */
function unseen({ taken }: Evidence, { jobId, redeliveredMs }: First): number[] {
  const seen = taken.get(jobId) ?? [];
  const isSeen = (ms: number): boolean =>
    seen.some(({ fromMs, toMs }) => fromMs <= ms - LOOK_MS && toMs >= ms - TOLD_WITHIN_MS);
  return redeliveredMs.filter((ms) => !isSeen(ms));
}

/**
 * Law 5 orders the taking, of which the claim is the trace: within a second of it, by the tolerance of order.ts. Where Postgres answered
 * late, and the id was seen as taken, without a gap, until its claim, for so long as that second stood still.
 */
function claimedLate(evidence: Evidence, { jobId, calledMs, leftMs, redeliveredMs }: First): Span[] {
  const slow = evidence.outages.filter(({ store, how }) => store === 'postgres' && how === 'slow');
  return takings(evidence, jobId, { fromMs: calledMs, toMs: leftMs }, redeliveredMs)
    .filter(({ toMs }) => toMs >= leftMs)
    .map(({ seenMs }) => ({ fromMs: seenMs, toMs: boundMs(slow, seenMs, CLAIMS_MS) - CLAIMS_MS }))
    .filter(({ fromMs, toMs }) => toMs > fromMs);
}

/**
 * Seen as taken, in a time in which nobody claimed it. A taker claims at once: who has not, was lost about when it took the id. Who is lost
 * later was not its taker, or had neglected it, which excuses nothing. Each lasts from the loss until the id was seen there no more, or
 * had to have its place again.
 */
export function heldByTheLost(
  evidence: Evidence,
  jobId: string,
  unclaimed: Span,
  redeliveredMs: readonly number[],
): Span[] {
  const away = hindered(evidence.outages);
  const losses = lossesOf(evidence);
  return takings(evidence, jobId, unclaimed, redeliveredMs).flatMap(({ fromMs, seenMs, toMs }) =>
    losses
      .filter((loss) => touches(loss, fromMs, Math.min(seenMs + CLAIMS_MS, toMs)))
      .map((loss) => Math.max(loss.fromMs, fromMs))
      .map((lostMs) => ({ fromMs: lostMs, toMs: Math.min(toMs, regainedBy(evidence, away, lostMs)) })),
  );
}

/**
 * A job that may have ended its worker is claimed only once nothing runs beside it, which may take as long as what runs: whoever has it
 * until then says so. Where it is lost meanwhile, and the id was seen as taken until then, from then until it had to have its place again.
 */
export function awaitedByTheLost(evidence: Evidence, jobId: string, unclaimed: Span): Span[] {
  const away = hindered(evidence.outages);
  const seen = evidence.taken.get(jobId) ?? [];
  const hasIt = (atMs: number, lostMs: number): boolean =>
    seen.some(({ fromMs, toMs }) => fromMs <= atMs + LOOK_MS && toMs >= lostMs - LOOK_MS);
  return evidence.awaited
    .filter((one) => one.jobId === jobId && touches(unclaimed, one.atMs, one.atMs))
    .flatMap((one) =>
      evidence.absences
        .filter(({ worker, fromMs }) => worker === one.worker && fromMs >= one.atMs && fromMs <= unclaimed.toMs)
        .filter(({ fromMs }) => hasIt(one.atMs, fromMs))
        .map(({ fromMs }) => ({ fromMs, toMs: regainedBy(evidence, away, fromMs) })),
    );
}

/** Taken after `fromMs`, seen so at `seenMs`, and until `toMs`. */
interface Taking extends Span {
  readonly seenMs: number;
}

/** What is seen without a gap is taken anew where the record says that it was delivered again meanwhile. */
function takings({ taken }: Evidence, jobId: string, unclaimed: Span, redeliveredMs: readonly number[]): Taking[] {
  return (taken.get(jobId) ?? []).flatMap((seen) => {
    const first = { fromMs: Math.max(seen.afterMs, unclaimed.fromMs), seenMs: Math.max(seen.fromMs, unclaimed.fromMs) };
    const toMs = Math.min(seen.toMs + LOOK_MS, unclaimed.toMs);
    const anew = redeliveredMs.map((ms) => ({ fromMs: ms - LOOK_MS, seenMs: ms }));
    const begins = [first, ...anew.filter(({ fromMs }) => fromMs > first.fromMs && fromMs < toMs)];
    const each = begins.map((one, n) => ({ ...one, toMs: begins[n + 1]?.fromMs ?? toMs }));
    return first.fromMs < toMs ? each : [];
  });
}

/** Times in which a worker can be left with an id that it does not claim. One that is killed is handed ids until it has ended. */
function lossesOf({ absences, workers, outages }: Evidence): Span[] {
  const endMs = new Map(workers.map(({ name, endedMs }) => [name, endedMs]));
  return [
    ...absences.map(({ worker, fromMs, toMs }) => ({
      fromMs,
      toMs: toMs === Infinity ? (endMs.get(worker) ?? fromMs) + LOOK_MS : Math.min(toMs, fromMs + ASKED_MS),
    })),
    ...workers.flatMap(({ termedMs, endedMs }) =>
      termedMs === undefined ? [] : [{ fromMs: termedMs, toMs: (endedMs ?? termedMs) + LOOK_MS }],
    ),
    ...unreached(outages, 'postgres'),
    ...unreached(outages, 'redis'),
  ];
}
