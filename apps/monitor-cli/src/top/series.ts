// What was seen of depth and rate, for the sparklines: one sample every two seconds, at most ten minutes of them. Pure.
import type { StatusDocument } from '@jobhive/queue';

export interface Sample {
  readonly atMs: number;
  readonly depth: number;
  readonly rate: number;
}

export const SAMPLE_MS = 2000;
const SAMPLES_MAX = 300;

export function withSample(samples: readonly Sample[], status: StatusDocument, atMs: number): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && atMs - last.atMs < SAMPLE_MS) return samples;
  return [...samples.slice(1 - SAMPLES_MAX), { atMs, depth: status.depth, rate: status.rate_per_minute }];
}
