// What this process has sent within the last minute, by fingerprint, and when it opened the last burst of each. Bounded: a
// fingerprint that has rested for two minutes is forgotten. Another process that takes over begins anew.
import type { Clock } from '@jobhive/config';
import { WINDOW_MS } from './plan.ts';

export interface Lately {
  sent(fingerprint: string): number;
  noteSent(fingerprint: string): void;
  /** The burst that was opened last, and how long ago; undefined where none was. */
  lastBurst(fingerprint: string): { readonly seq: number; readonly sinceMs: number } | undefined;
  noteBurst(fingerprint: string, seq: number): void;
}

interface Entry {
  sentAtMs: number[];
  burst: { seq: number; atMs: number } | undefined;
  touchedMs: number;
}

const FORGET_EVERY = 1000;

export function createLately(clock: Pick<Clock, 'monotonicMs'>): Lately {
  const entries = new Map<string, Entry>();
  let touches = 0;
  const forget = (nowMs: number): void => {
    for (const [fingerprint, { touchedMs }] of entries) {
      if (nowMs - touchedMs > 2 * WINDOW_MS) entries.delete(fingerprint);
    }
  };
  const touch = (fingerprint: string, nowMs: number): Entry => {
    touches += 1;
    if (touches % FORGET_EVERY === 0) forget(nowMs);
    const entry = entries.get(fingerprint) ?? { sentAtMs: [], burst: undefined, touchedMs: nowMs };
    entry.touchedMs = nowMs;
    entry.sentAtMs = entry.sentAtMs.filter((atMs) => nowMs - atMs < WINDOW_MS);
    entries.set(fingerprint, entry);
    return entry;
  };
  return {
    sent: (fingerprint) => touch(fingerprint, clock.monotonicMs()).sentAtMs.length,
    noteSent: (fingerprint) => {
      const nowMs = clock.monotonicMs();
      touch(fingerprint, nowMs).sentAtMs.push(nowMs);
    },
    lastBurst: (fingerprint) => {
      const nowMs = clock.monotonicMs();
      const { burst } = touch(fingerprint, nowMs);
      return burst === undefined ? undefined : { seq: burst.seq, sinceMs: nowMs - burst.atMs };
    },
    noteBurst: (fingerprint, seq) => {
      const nowMs = clock.monotonicMs();
      touch(fingerprint, nowMs).burst = { seq, atMs: nowMs };
    },
  };
}
