// Which notices go by themselves, and which are gathered. Pure. The first 20 of a fingerprint within a minute go by
// themselves; what comes beyond is told by one burst, which names each job. What was tried once keeps its own id, so it is
// never gathered; nor is what has no fingerprint.
import type { Notice } from '@jobhive/db';

export const SINGLE_MAX = 20;
export const WINDOW_MS = 60_000;
/** The first burst of a fingerprint is told soon; while it goes on, one a minute. */
const FIRST_BURST_SECONDS = 5;
const NEXT_BURST_SECONDS = 60;
const AGAIN_SECONDS_MAX = 15;
/** What was refused so often is asked rarely: it is the notice's own fault, or nobody listens. */
const PATIENT_AFTER = 20;
const PATIENT_SECONDS = 300;

export interface Plan {
  readonly send: readonly Notice[];
  readonly gather: ReadonlyMap<string, readonly number[]>;
}

/** @param sentLately of a fingerprint, how many went by themselves within the last minute */
export function planNotices(due: readonly Notice[], sentLately: (fingerprint: string) => number): Plan {
  const singles = new Map<string, number>();
  const gather = new Map<string, number[]>();
  const send: Notice[] = [];
  for (const notice of due) {
    const { fingerprint, kind, attempts, seq } = notice;
    if (kind !== 'dead_letter' || fingerprint === null || attempts > 0) {
      send.push(notice);
      continue;
    }
    const sent = singles.get(fingerprint) ?? sentLately(fingerprint);
    if (sent >= SINGLE_MAX) {
      gather.set(fingerprint, [...(gather.get(fingerprint) ?? []), seq]);
      continue;
    }
    singles.set(fingerprint, sent + 1);
    send.push(notice);
  }
  return { send, gather };
}

/** @param sinceLastMs since the last burst of this fingerprint was opened; undefined where none was */
export function burstDelaySeconds(sinceLastMs: number | undefined): number {
  return sinceLastMs === undefined || sinceLastMs > 2 * WINDOW_MS ? FIRST_BURST_SECONDS : NEXT_BURST_SECONDS;
}

/** Seconds until the next try of a notice which was tried so often. */
export function againSeconds(attempts: number): number {
  return attempts > PATIENT_AFTER ? PATIENT_SECONDS : Math.min(AGAIN_SECONDS_MAX, 2 ** Math.max(0, attempts - 1));
}
