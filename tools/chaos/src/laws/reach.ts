/**
 * When a store could not be reached, by whom: what was done to it, and after that the pause until it is dialled or asked again. By the
 * system's own word that pause doubles with each try and ends at two seconds, so it is never longer than what went before it.
 */
import type { Outage, Side } from '../evidence.ts';

const AGAIN_MS_MAX = 2000;
/** The first pause, and some for a machine under load. */
const AGAIN_MS_MIN = 250;

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

type Told = readonly Outage[];

/** Spans in which this side could not reach the store; without a side: those in which somebody could not. */
export function unreached(outages: Told, store: Outage['store'], side?: Side): Span[] {
  return outages
    .filter((one) => one.store === store && one.how === 'away')
    .filter((one) => side === undefined || one.side === undefined || one.side === side)
    .map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs + againMs(toMs - fromMs) }));
}

/** Spans in which a bound stands still: somebody could not reach a store, or waited long for its answers. */
export function hindered(outages: Told): Span[] {
  const slow = outages.filter(({ how }) => how === 'slow');
  return [...unreached(outages, 'postgres'), ...unreached(outages, 'redis'), ...slow];
}

export function touches(one: Span, fromMs: number, toMs: number): boolean {
  return one.fromMs <= toMs && one.toMs >= fromMs;
}

/** How much of the time between is covered by any of the spans, counted once. */
export function coveredMs(spans: readonly Span[], fromMs: number, toMs: number): number {
  const sorted = spans.filter((one) => touches(one, fromMs, toMs)).sort((a, b) => a.fromMs - b.fromMs);
  let sumMs = 0;
  let doneMs = fromMs;
  for (const one of sorted) {
    sumMs += Math.max(0, Math.min(one.toMs, toMs) - Math.max(one.fromMs, doneMs));
    doneMs = Math.max(doneMs, Math.min(one.toMs, toMs));
  }
  return sumMs;
}

/** The end of a bound that begins at `fromMs` and stands still while any of the spans lasts. */
export function boundMs(spans: readonly Span[], fromMs: number, allowedMs: number): number {
  return fromMs + stretchedMs(allowedMs, (lengthMs) => coveredMs(spans, fromMs, fromMs + lengthMs));
}

/** The same looked at from its end: when it began at the earliest. */
export function beganMs(spans: readonly Span[], toMs: number, allowedMs: number): number {
  return toMs - stretchedMs(allowedMs, (lengthMs) => coveredMs(spans, toMs - lengthMs, toMs));
}

function stretchedMs(allowedMs: number, covered: (lengthMs: number) => number): number {
  for (let lengthMs = allowedMs; ;) {
    const next = allowedMs + covered(lengthMs);
    if (next <= lengthMs) return lengthMs;
    lengthMs = next;
  }
}

const againMs = (awayMs: number): number => Math.min(AGAIN_MS_MAX, awayMs + AGAIN_MS_MIN);
