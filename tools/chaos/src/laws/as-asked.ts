/**
 * Law 1, of what operators ask. Exact both ways. Nothing is queued, retried, cancelled, discarded or cleared but by a call of that job (or
 * of all) that was under way then; a wish to cancel is kept until the attempt ends. And what was answered as done is so: the event
 * stands in the job's history, within the call; a job that was in hand when its end was wished is not claimed again by anybody's
 * leave but a new one; while all is paused nothing is claimed. A call fails only where something was done to the system.
 */
import type { Call, Event, Evidence } from '../evidence.ts';
import { groupBy, type Story } from '../stories.ts';
import { broken, type Violation } from '../violation.ts';
import { doneByMs, surelyPaused } from './pauses.ts';
import { touches, unreached } from './reach.ts';

/** Between the clock of a call and that of the record, which are one, lies the time of rounding. */
const SLACK_MS = 50;
/** A claim that was under way when the pause came. */
const CLAIMS_MS = 500;
const ASKED_BY: Readonly<Record<string, readonly Call['what'][]>> = {
  queued: ['enqueue'],
  retried: ['retry', 'retry_all'],
  cancelled: ['cancel'],
  discarded: ['discard'],
  cleared: ['clear'],
};
const ANEW = ['queued', 'retried'];

export function asAsked(evidence: Evidence, stories: readonly Story[]): Violation[] {
  const { calls } = evidence;
  const ofJob = groupBy(
    calls.flatMap((call) => call.jobIds.map((jobId) => ({ jobId, call }))),
    ({ jobId }) => jobId,
  );
  const ofAll = calls.filter(({ jobIds }) => jobIds.length === 0);
  return [
    ...stories.flatMap((story) => {
      const mine = (ofJob.get(story.jobId) ?? []).map(({ call }) => call);
      return [
        ...unasked(story, [...mine, ...ofAll, ...enqueueOf(story)]),
        ...mine.flatMap((call) => notDone(story, call)),
      ];
    }),
    ...claimedInPause(evidence, stories),
    ...failedForNothing(evidence),
  ];
}

/** A producer's, like an operator's. */
function enqueueOf({ jobId, enqueued }: Story): Call[] {
  if (enqueued === undefined) return [];
  const { calledMs, answeredMs } = enqueued;
  return [{ what: 'enqueue', jobIds: [jobId], calledMs, answeredMs, answer: 'done', status: undefined }];
}

function unasked({ jobId, events }: Story, calls: readonly Call[]): Violation[] {
  let begunMs = 0;
  return events.flatMap(({ event, atMs }) => {
    if (ANEW.includes(event)) begunMs = atMs;
    const kinds = ASKED_BY[event];
    if (kinds === undefined) return [];
    const sinceMs = event === 'cancelled' ? begunMs : atMs; // a wish is kept for as long as the attempt lasts
    const asked = calls.some(
      (call) => kinds.includes(call.what) && call.calledMs - SLACK_MS <= atMs && doneByMs(call) + SLACK_MS >= sinceMs,
    );
    return asked ? [] : [broken(1, `was ${event}, and nobody asked`, jobId, atMs)];
  });
}

function notDone(story: Story, call: Call): Violation[] {
  if (call.answer !== 'done') return [];
  const isSo = call.what === 'enqueue' ? isUnderWay(story, call) : hasEvent(story, call);
  const wishKept = call.what !== 'cancel' || call.status !== 'processing' || isWishKept(story, call);
  if (isSo && wishKept) return [];
  const how = isSo
    ? 'was in hand when its end was wished, and was claimed again'
    : `was not, as answered, done: ${call.what}`;
  return [broken(1, how, story.jobId, call.answeredMs)];
}

const during = ({ calledMs, answeredMs }: Call, atMs: number): boolean =>
  atMs >= calledMs - SLACK_MS && atMs <= answeredMs + SLACK_MS;

/** The event stands in its history; or, for a cancel, the job stood as the answer says. */
function hasEvent(story: Story, call: Call): boolean {
  if (call.what === 'cancel') return stoodAs(story, call, call.status === 'cancelled' ? ['cancelled'] : ['processing']);
  const [event] = Object.entries(ASKED_BY).find(([, kinds]) => kinds.includes(call.what)) ?? [];
  return story.events.some((one) => one.event === event && during(call, one.atMs));
}

/** It was queued by this call, or was before. */
const isUnderWay = (story: Story, call: Call): boolean => stoodAs(story, call, ['queued', 'processing']);

/** Where a job stands after each event that moves it. */
const LEADS_TO: Readonly<Record<string, string>> = {
  discovered: 'discovered',
  queued: 'queued',
  retried: 'queued',
  retry_scheduled: 'queued',
  given_back: 'queued',
  worker_lost: 'queued',
  claimed: 'processing',
  processed: 'processed',
  failed: 'failed',
  cancelled: 'cancelled',
  discarded: 'cancelled',
  cleared: 'discovered',
};

/** At some time of the call. */
function stoodAs({ events }: Story, { calledMs, answeredMs }: Call, statuses: readonly string[]): boolean {
  const moves = events.flatMap(({ event, atMs }) => {
    const status = LEADS_TO[event];
    return status === undefined ? [] : [{ status, atMs }];
  });
  return moves.some(({ status, atMs }, n) => {
    const untilMs = moves[n + 1]?.atMs ?? Infinity;
    return (
      statuses.includes(status) && touches({ fromMs: atMs - SLACK_MS, toMs: untilMs + SLACK_MS }, calledMs, answeredMs)
    );
  });
}

/** Of one claim that was open during the call it holds that no other follows, but after it was queued anew. */
function isWishKept({ claims, events }: Story, call: Call): boolean {
  const open = claims.filter((claim) =>
    touches({ fromMs: claim.fromMs - SLACK_MS, toMs: claim.toMs + SLACK_MS }, call.calledMs, call.answeredMs),
  );
  return open.some(({ fromMs }) => {
    const after = events.slice(events.findIndex((event) => event.event === 'claimed' && event.atMs === fromMs) + 1);
    const next = after.find(({ event }: Event) => event === 'claimed' || ANEW.includes(event));
    return next?.event !== 'claimed';
  });
}

function claimedInPause({ calls }: Evidence, stories: readonly Story[]): Violation[] {
  const paused = surelyPaused(calls).map(({ fromMs, toMs }) => ({ fromMs: fromMs + CLAIMS_MS, toMs: toMs - SLACK_MS }));
  if (paused.length === 0) return [];
  return stories.flatMap(({ jobId, claims }) =>
    claims
      .filter(({ fromMs: atMs }) => paused.some(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs))
      .map(({ fromMs }) => broken(1, 'was claimed while all was paused', jobId, fromMs)),
  );
}

function failedForNothing({ calls, faults, outages }: Evidence): Violation[] {
  const done = [...faults, ...unreached(outages, 'postgres'), ...unreached(outages, 'redis')];
  return calls
    .filter(({ answer }) => answer === 'unknown')
    .filter(({ calledMs, answeredMs }) => !done.some((one) => touches(one, calledMs, answeredMs)))
    .map(({ what, jobIds, calledMs }) => broken(6, `${what} failed, though nothing was away`, jobIds[0], calledMs));
}
