/**
 * Law 1, of what operators ask, both ways. Nothing is queued, retried, cancelled, discarded or cleared but by a call of that job (or of
 * all) that was under way then, and was not refused; only a wish to end what runs is kept until its attempt ends. What was answered as
 * done is so: the event stands in the job's history, within the call; where all was retried or cleared, no job stood failed or queued
 * throughout; a job whose end was wished while it ran ends within the bound, and is not claimed again but by somebody's new leave; while
 * all is paused nothing is claimed. What was refused stood, at some time of the call, where it cannot be done. A call fails only where
 * its store was not to be reached, or late.
 */
import type { Call, Evidence } from '../evidence.ts';
import { groupBy, type Claim, type Stint, type Story } from '../stories.ts';
import { broken, type Violation } from '../violation.ts';
import { doneByMs, surelyPaused } from './pauses.ts';
import { boundMs, hindered, touches, unreached, type Span } from './reach.ts';

/** Between the clock of a call and that of the record, which are one, lies the time of rounding. */
const SLACK_MS = 50;
/** A claim that was under way when the pause came. */
const PAUSE_SEEN_MS = 500;
/** The work ends within two seconds; and one for a machine under load. */
const ENDS_MS = 3000;
const ASKED_BY: Readonly<Record<string, readonly Call['what'][]>> = {
  queued: ['enqueue'],
  retried: ['retry', 'retry_all'],
  cancelled: ['cancel'],
  discarded: ['discard'],
  cleared: ['clear'],
};
/** Where a job has to stand for what is asked of it; for `enqueue`, where it has to stand by then. */
const POSSIBLE: Readonly<Record<string, readonly string[]>> = {
  enqueue: ['discovered', 'cancelled', 'queued', 'processing'],
  cancel: ['queued', 'processing', 'cancelled'],
  retry: ['failed'],
  discard: ['failed'],
};

export function asAsked(evidence: Evidence, stories: readonly Story[]): Violation[] {
  const { calls } = evidence;
  const ofJob = groupBy(
    calls.flatMap((call) => call.jobIds.map((jobId) => ({ jobId, call }))),
    ({ jobId }) => jobId,
  );
  const ofAll = calls.filter(({ jobIds }) => jobIds.length === 0);
  const stints = new Map(stories.map((story) => [story.jobId, story.stints]));
  return [
    ...stories.flatMap((story) => {
      const mine = (ofJob.get(story.jobId) ?? []).map(({ call }) => call);
      return [
        ...unasked(story, [...mine, ...ofAll, ...enqueueOf(story)]),
        ...mine.flatMap((call) => notDone(evidence, story, call)),
        ...ofAll.flatMap((call) => leftOut(story, call)),
      ];
    }),
    ...calls.flatMap((call) => refusedForNothing(stints, call)),
    ...claimedInPause(evidence, stories),
    ...failedForNothing(evidence),
  ];
}

/** A producer's, like an operator's. */
function enqueueOf({ jobId, enqueued }: Story): Call[] {
  if (enqueued === undefined) return [];
  const { calledMs, answeredMs } = enqueued;
  return [{ what: 'enqueue', side: 0, jobIds: [jobId], calledMs, answeredMs, answer: 'done', status: undefined }];
}

function unasked({ jobId, events, claims }: Story, calls: readonly Call[]): Violation[] {
  return events.flatMap(({ event, atMs }) => {
    const kinds = ASKED_BY[event];
    if (kinds === undefined) return [];
    const sinceMs = event === 'cancelled' ? wishedSinceMs(claims, atMs) : atMs;
    const asked = calls.some(
      (call) =>
        kinds.includes(call.what) &&
        call.answer !== 'refused' &&
        call.calledMs - SLACK_MS <= atMs &&
        doneByMs(call) + SLACK_MS >= sinceMs,
    );
    return asked ? [] : [broken(1, `was ${event}, and nobody asked`, jobId, atMs)];
  });
}

/** A wish is kept for as long as the attempt lasts with which the job was cancelled; who waits is cancelled at once. */
function wishedSinceMs(claims: readonly Claim[], atMs: number): number {
  return claims.find(({ fromMs, toMs }) => fromMs <= atMs && Math.abs(toMs - atMs) <= SLACK_MS)?.fromMs ?? atMs;
}

function notDone(evidence: Evidence, story: Story, call: Call): Violation[] {
  if (call.answer !== 'done') return [];
  const told = (what: string): Violation[] => [broken(1, what, story.jobId, call.answeredMs)];
  if (!isDone(story, call)) return told(`was not, as answered, done: ${call.what}`);
  if (call.what !== 'cancel' || call.status !== 'processing') return [];
  const open = story.claims.filter((claim) => touches(widened(claim), call.calledMs, call.answeredMs));
  if (!open.some((claim) => isLast(story, claim))) return told('was to end, and was claimed again');
  const late = open.filter((claim) => claim.toMs > endsByMs(evidence, claim, call));
  return late.length === open.length ? told('was to end, and ran on for long') : [];
}

/** Its event stands in the history; a cancel and an enqueue may have found that done, and the job stood so. */
function isDone({ events, stints }: Story, call: Call): boolean {
  if (call.what === 'enqueue') return stoodAs(stints, call, ['queued', 'processing']);
  if (call.what === 'cancel') return stoodAs(stints, call, [call.status ?? '']);
  return events.some(({ event, atMs }) => ASKED_BY[event]?.includes(call.what) === true && within(call, atMs));
}

/** No other claim follows, but after it was queued anew. */
function isLast({ events }: Story, { fromMs }: Claim): boolean {
  const after = events.slice(events.findIndex(({ event, atMs }) => event === 'claimed' && atMs === fromMs) + 1);
  return after.find(({ event }) => ['claimed', 'queued', 'retried'].includes(event))?.event !== 'claimed';
}

/** While its worker is away, or a store, the bound stands still. */
function endsByMs({ outages, absences }: Evidence, { worker }: Claim, { answeredMs }: Call): number {
  const away = absences.filter((one) => one.worker === worker).map(({ fromMs, toMs }) => ({ fromMs, toMs }));
  if (away.some(({ fromMs, toMs }) => toMs === Infinity && fromMs <= answeredMs + ENDS_MS)) return Infinity; // law 6 has the rest
  return boundMs([...hindered(outages), ...away], answeredMs, ENDS_MS);
}

/** It stood there before the call, throughout, and after it. */
function leftOut({ jobId, stints }: Story, { what, answer, calledMs, answeredMs }: Call): Violation[] {
  const status = { retry_all: 'failed', clear: 'queued' }[what as string];
  if (answer !== 'done' || status === undefined) return [];
  const left = stints.some((one) => one.status === status && one.fromMs < calledMs && one.toMs > answeredMs + SLACK_MS);
  return left ? [broken(1, `was left out by a ${what}`, jobId, answeredMs)] : [];
}

/** Of the jobs of the call one stood, at some time of it, where that cannot be done. */
function refusedForNothing(stints: ReadonlyMap<string, readonly Stint[]>, call: Call): Violation[] {
  const possible = POSSIBLE[call.what];
  if (call.answer !== 'refused' || possible === undefined) return [];
  const justified = call.jobIds.some((jobId) =>
    (stints.get(jobId) ?? []).some((one) => !possible.includes(one.status) && during(call, one)),
  );
  return justified ? [] : [broken(1, `${call.what} was refused, though possible`, call.jobIds[0], call.answeredMs)];
}

const within = ({ calledMs, answeredMs }: Call, atMs: number): boolean =>
  atMs >= calledMs - SLACK_MS && atMs <= answeredMs + SLACK_MS;
const widened = ({ fromMs, toMs }: Span): Span => ({ fromMs: fromMs - SLACK_MS, toMs: toMs + SLACK_MS });
const during = ({ calledMs, answeredMs }: Call, one: Span): boolean => touches(widened(one), calledMs, answeredMs);
const stoodAs = (stood: readonly Stint[], call: Call, statuses: readonly string[]): boolean =>
  stood.some((one) => statuses.includes(one.status) && during(call, one));

function claimedInPause({ calls }: Evidence, stories: readonly Story[]): Violation[] {
  const paused = surelyPaused(calls).map(({ fromMs, toMs }) => ({
    fromMs: fromMs + PAUSE_SEEN_MS,
    toMs: toMs - SLACK_MS,
  }));
  if (paused.length === 0) return [];
  return stories.flatMap(({ jobId, claims }) =>
    claims
      .filter(({ fromMs: atMs }) => paused.some(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs))
      .map(({ fromMs }) => broken(1, 'was claimed while all was paused', jobId, fromMs)),
  );
}

/** A store of its own side was away, or late. */
function failedForNothing({ calls, outages }: Evidence): Violation[] {
  return calls
    .filter(({ answer }) => answer === 'unknown')
    .filter(({ side, calledMs, answeredMs }) => {
      const slow = outages.filter((one) => one.how === 'slow' && (one.side === undefined || one.side === side));
      const away = [...unreached(outages, 'postgres', side), ...unreached(outages, 'redis', side), ...slow];
      return !away.some((one) => touches(one, calledMs, answeredMs));
    })
    .map(({ what, jobIds, calledMs }) => broken(6, `${what} failed, though nothing was away`, jobIds[0], calledMs));
}
