// What goes over /api/events, as bytes that are made once for all who read; and whether a document says anything new. Pure.
import type { StatusDocument } from '@jobhive/queue';
import type { Problem } from '../problem.ts';

export function statusFrame(document: StatusDocument): Buffer {
  return Buffer.from(`event: status\ndata: ${JSON.stringify(document)}\n\n`);
}

/** Told once when a store that is needed goes away; `status` comes again when it is back. */
export function problemFrame(problem: Problem): Buffer {
  return Buffer.from(`event: problem\ndata: ${JSON.stringify(problem)}\n\n`);
}

/** A comment: proxies and readers see that the line is alive. */
export const BEAT = Buffer.from(': still here\n\n');

const without =
  (...keys: readonly string[]) =>
  (document: StatusDocument): string =>
    JSON.stringify(document, (key, value: unknown) => (keys.includes(key) ? undefined : value));

/** What makes a document another one: all of it but latencies. */
export const contentOf = without('latency_ms');

/** Of that, what moves because work moves, and not because time does. */
export const movementOf = without('latency_ms', 'last_heartbeat', 'oldest_waiting_seconds');
