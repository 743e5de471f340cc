// Lays what held for the whole queue over a job's spans. Only a wait for somebody to take the job can be one for the
// queue's pause or for an absent store: a stage runs on, and a retry's time is not reached sooner. Where several held, the
// first of paused, Redis, Postgres names it. Pure; the pieces of a span follow each other and fill it.
import type { Outages, Period } from './outages.ts';
import type { Span, WaitReason } from './wait.ts';

const TAKABLE: readonly WaitReason[] = ['worker', 'deploy', 'lost_worker', 'redis', 'postgres'];

const covers = (periods: readonly Period[], atMs: number): boolean =>
  periods.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);

function overlaid(span: Span, atMs: number, outages: Outages): { for: WaitReason; name: string | null } {
  if (covers(outages.paused, atMs)) return { for: 'paused', name: null };
  if (covers(outages.redis, atMs)) return { for: 'redis', name: span.for === 'redis' ? span.name : null };
  if (covers(outages.postgres, atMs)) return { for: 'postgres', name: null };
  return { for: span.for, name: span.name };
}

/** Joins neighbours that say the same. */
export function joined(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    const same = last !== undefined && last.toMs === span.fromMs && last.for === span.for && last.name === span.name;
    if (same) result[result.length - 1] = { ...last, toMs: span.toMs };
    else result.push(span);
  }
  return result;
}

export function overlay(span: Span, outages: Outages): Span[] {
  if (!TAKABLE.includes(span.for) || span.toMs <= span.fromMs) return [span];
  const edges = Object.values(outages)
    .flatMap((periods: readonly Period[]) => periods.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))
    .filter((atMs) => atMs > span.fromMs && atMs < span.toMs);
  const marks = [...new Set([span.fromMs, ...edges, span.toMs])].sort((a, b) => a - b);
  const pieces = marks.slice(0, -1).map((fromMs, index) => {
    return { ...overlaid(span, fromMs, outages), fromMs, toMs: marks[index + 1] ?? span.toMs };
  });
  return joined(pieces);
}
