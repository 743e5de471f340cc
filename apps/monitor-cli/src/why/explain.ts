// Why a job is where it is: its waits by name, and the cause in a sentence. Pure: the CLI, `top` and the dashboard all ask
// this. The waits follow each other without gap or overlap from `queued` to the settling event or to now, so they sum to
// the time on the wall; the time between `failed` and `retried` belongs to none. The one that goes on has no end, and
// agrees with what is seen live: where that is not on record yet, it begins now.
import type { JobRecord, SystemEntry, TimelineEntry } from '@jobhive/db';
import { causeOf } from './cause.ts';
import { SILENT_MS, type LiveFacts } from './facts.ts';
import { expectedStart, type ExpectedStart } from './expected-start.ts';
import { outages, type Outages } from './outages.ts';
import { joined, overlay } from './overlay.ts';
import { spansOf } from './spans.ts';
import type { Span, Wait, WaitReason } from './wait.ts';

export interface History {
  readonly job: JobRecord;
  /** Oldest first. */
  readonly timeline: readonly TimelineEntry[];
  /** Since the job was first queued, and what held then. */
  readonly system: readonly SystemEntry[];
}

export interface Explanation {
  readonly cause: string;
  readonly waits: readonly Wait[];
  /** Of a job that waits; null for any other. */
  readonly expected_start: ExpectedStart | null;
}

/** Waits for somebody to take the job: what is seen live may be their true reason. */
const TAKABLE: readonly WaitReason[] = ['worker', 'deploy', 'lost_worker', 'redis', 'postgres', 'paused'];

const iso = (ms: number): string => new Date(ms).toISOString();

/** A job whose push failed and that nothing delivered since has waited for Redis all along. */
function neverDelivered(span: Span, { job }: History, facts: LiveFacts): Span {
  const lacks = facts.redisBehind !== null && job.queueSeq !== null && job.queueSeq >= facts.redisBehind;
  return span.for === 'worker' && lacks ? { ...span, for: 'redis', name: 'redis_behind' } : span;
}

function liveReason(facts: LiveFacts): WaitReason | undefined {
  if (facts.paused) return 'paused';
  if (!facts.redisOk || facts.workers === null) return 'redis';
  return facts.workers.alive > 0 && facts.lastTickMs > SILENT_MS ? 'postgres' : undefined;
}

/** The pieces of what goes on; the last one names what is seen live. */
function present(span: Span, history: History, facts: LiveFacts, laid: Outages): Span[] {
  const pieces = overlay(neverDelivered(span, history, facts), laid);
  const last = pieces.at(-1) ?? span;
  const seen = liveReason(facts);
  if (seen === undefined || seen === last.for || !TAKABLE.includes(last.for)) return pieces;
  return [...pieces, { for: seen, name: null, fromMs: last.toMs, toMs: last.toMs }];
}

function toWait(span: Span, open: boolean): Wait {
  return {
    for: span.for,
    name: span.name,
    from: iso(span.fromMs),
    to: open ? null : iso(span.toMs),
    ms: span.toMs - span.fromMs,
  };
}

/** @param now by the database's clock, as all that is on record */
export function explain(history: History, facts: LiveFacts, now: Date): Explanation {
  const nowMs = now.getTime();
  const { job, timeline } = history;
  const laid = outages(history.system, nowMs);
  const { spans, goingOn } = spansOf(timeline, job.currentStage, nowMs);
  const past = spans.flatMap((span) => overlay(span, laid));
  const open = goingOn === undefined ? [] : present(goingOn, history, facts, laid);
  const all = joined([...past, ...open]);
  const waits = all.map((span, index) => toWait(span, goingOn !== undefined && index === all.length - 1));
  const waiting = job.row.status === 'queued';
  return {
    cause: causeOf({ job, timeline, facts, nowMs }),
    waits,
    expected_start: waiting ? expectedStart(facts, job.nextAttemptAt?.getTime() ?? 0, nowMs) : null,
  };
}
