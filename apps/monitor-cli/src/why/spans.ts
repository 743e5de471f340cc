// The life of a job in spans, from its own events alone: each span is what the job was about between two of them. Pure.
// It begins with `queued` and ends with the settling event; what lies between a settling event and the next `retried` or
// `queued` is no span. An event before its forerunner (clocks step) counts as of the same time, so that spans never overlap.
import type { TimelineEntry } from '@jobhive/db';
import type { Span, WaitReason } from './wait.ts';

/** What the job is about from an event on, and until when at most (a retry's time), after which it waits for a worker. */
interface Doing {
  readonly for: WaitReason;
  readonly name: string | null;
  readonly untilMs?: number;
}

const WORKER: Doing = { for: 'worker', name: null };

/** Deliveries that made good what Redis had lost or never got; all others only bring a job its turn. */
const LACKED_BY_REDIS: readonly unknown[] = [
  'marker_missing',
  'redis_restarted',
  'count_mismatch',
  'not_in_redis',
  'redis_behind',
  'rebuild',
];

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function afterRetryScheduled({ detail }: TimelineEntry, atMs: number): Doing {
  const delaySeconds = typeof detail['delay_seconds'] === 'number' ? detail['delay_seconds'] : 0;
  const untilMs = atMs + Math.round(delaySeconds * 1000);
  if (detail['reason'] === 'retry_after') return { for: 'rate_limit', name: text(detail['name']), untilMs };
  return { for: 'retry', name: text(detail['name']) ?? text(detail['reason']), untilMs };
}

/** What follows an event: something the job is about, `settled`, or undefined where the event changes nothing. */
function doingAfter(entry: TimelineEntry, atMs: number): Doing | 'settled' | undefined {
  switch (entry.event) {
    case 'queued':
    case 'retried':
      return WORKER;
    case 'claimed':
    case 'stage_finished':
      return { for: 'stage', name: null };
    case 'retry_scheduled':
      return afterRetryScheduled(entry, atMs);
    case 'given_back':
      return entry.detail['reason'] === 'postgres_away'
        ? { for: 'postgres', name: null }
        : { for: 'deploy', name: text(entry.detail['reason']) };
    case 'worker_lost':
      return { for: 'lost_worker', name: entry.worker_name };
    case 'processed':
    case 'failed':
    case 'cancelled':
    case 'discarded':
    case 'cleared':
      return 'settled';
    case 'discovered':
    case 'updated':
    case 'dispatched':
    case 'closed':
    case 'stale_write_refused':
      return undefined;
  }
}

/** What the event that ends a span tells about it: the stage that ran, or that Redis had lacked the job. */
function toldByEnd(doing: Doing, end: TimelineEntry): Doing {
  if (doing.for === 'stage') return { ...doing, name: text(end.detail['stage']) ?? doing.name };
  const lacked = end.event === 'dispatched' && LACKED_BY_REDIS.includes(end.detail['reason']);
  return doing.for === 'worker' && lacked ? { for: 'redis', name: text(end.detail['reason']) } : doing;
}

function cut(doing: Doing, fromMs: number, toMs: number, end: TimelineEntry | undefined): Span[] {
  const untilMs = Math.min(Math.max(doing.untilMs ?? toMs, fromMs), toMs);
  const told = (part: Doing): Doing => (end === undefined ? part : toldByEnd(part, end));
  const first = doing.untilMs === undefined ? told(doing) : doing;
  return [
    { for: first.for, name: first.name, fromMs, toMs: untilMs },
    { for: told(WORKER).for, name: told(WORKER).name, fromMs: untilMs, toMs },
  ].filter((span) => span.toMs > span.fromMs);
}

export interface Spans {
  readonly spans: readonly Span[];
  /** What goes on now; undefined where the job is settled or was never queued. */
  readonly goingOn: Span | undefined;
}

/** @param currentStage of a job in processing, for the span that goes on */
export function spansOf(timeline: readonly TimelineEntry[], currentStage: string | null, nowMs: number): Spans {
  const spans: Span[] = [];
  let doing: Doing | undefined;
  let fromMs = -Infinity;
  let atMs = -Infinity;
  for (const entry of timeline) {
    atMs = Math.max(atMs, Date.parse(entry.at));
    const next = doingAfter(entry, atMs);
    const marksDelivery = entry.event === 'dispatched' && (doing?.untilMs ?? -Infinity) <= atMs;
    if (next === undefined && !marksDelivery) continue;
    if (doing !== undefined) spans.push(...cut(doing, fromMs, atMs, entry));
    if (next !== undefined) doing = next === 'settled' ? undefined : next;
    else if (doing?.untilMs !== undefined) doing = WORKER;
    fromMs = atMs;
  }
  if (doing === undefined) return { spans, goingOn: undefined };
  const last: Doing = doing.for === 'stage' ? { ...doing, name: currentStage } : doing;
  const endMs = Math.max(atMs, nowMs);
  const parts = cut(last, fromMs, endMs, undefined);
  const goingOn = parts.at(-1) ?? { for: last.for, name: last.name, fromMs, toMs: endMs };
  return { spans: [...spans, ...parts.slice(0, -1)], goingOn };
}
