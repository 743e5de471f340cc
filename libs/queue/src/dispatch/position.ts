// Places in line, and how long a job will wait, from its place and the pace of the workers. Pure; an estimate, told as one.

export interface Pace {
  /** Slots of all living workers. */
  readonly slots: number;
  /** Mean time of a job in its slot, in milliseconds. */
  readonly meanMs: number;
}

/** `SLOTS MEAN_MS`, as it stands in Redis. */
export function parsePace(text: string | null): Pace | null {
  const [slots, meanMs] = (text ?? '').split(' ').map(Number);
  if (slots === undefined || meanMs === undefined || !(slots > 0) || !(meanMs >= 0)) return null;
  return { slots, meanMs };
}

/** @param position place in line from 1. @returns seconds, to the millisecond; null when the pace is not known */
export function estimateWaitSeconds(position: number | null, pace: Pace | null): number | null {
  if (position === null || pace === null) return null;
  const roundsAhead = Math.floor((position - 1) / pace.slots);
  return Math.round(roundsAhead * pace.meanMs) / 1000;
}

/** The smallest place on record of these jobs, however many they are. */
export function firstPlace(jobs: readonly { readonly queueSeq: number }[]): number {
  return jobs.reduce((first, { queueSeq }) => Math.min(first, queueSeq), Infinity);
}
