/** Where a job stood, from when until when, by the events that move it. */
import type { Event } from '../evidence.ts';
import type { Span } from './reach.ts';

export interface Stint extends Span {
  readonly status: string;
}

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

/** One after the other; the last has no end. */
export function stintsOf(events: readonly Event[]): Stint[] {
  const moves = events.flatMap(({ event, atMs }) => {
    const status = LEADS_TO[event];
    return status === undefined ? [] : [{ status, atMs }];
  });
  return moves.map(({ status, atMs }, n) => ({ status, fromMs: atMs, toMs: moves[n + 1]?.atMs ?? Infinity }));
}
