// When a waiting job is expected to start, and by what reckoning. Pure; an estimate, told as one, from what is seen now: what
// stands before it, the workers' slots, and how long a job takes them. Null where something must happen first.
import { JOBS_AHEAD_MAX } from '@jobhive/db';
import { duration } from '../print/duration.ts';
import type { LiveFacts, WorkersSeen } from './facts.ts';
import { standstill } from './standstill.ts';

export interface ExpectedStart {
  /** ISO 8601; null where it cannot be told. */
  readonly at: string | null;
  /** A sentence. */
  readonly reasoning: string;
}

const counted = (count: number, noun: string): string => `${String(count)} ${noun}${count === 1 ? '' : 's'}`;

/** What a job waits once its time has come: nothing where a slot is free for it, else until enough slots came free. */
function turnMs({ slots, slotsFree, meanMs }: WorkersSeen, jobsAhead: number): number | null {
  const waitFor = jobsAhead + 1 - slotsFree;
  if (waitFor <= 0) return 0;
  return meanMs === null || slots === 0 ? null : (waitFor * meanMs) / slots;
}

function reckoning({ slots, slotsFree, meanMs }: WorkersSeen, jobsAhead: number): string {
  const before = jobsAhead >= JOBS_AHEAD_MAX ? `more than ${String(JOBS_AHEAD_MAX)} jobs` : counted(jobsAhead, 'job');
  const ahead = jobsAhead === 0 ? 'nothing stands before it' : `${before} before it`;
  const mean = meanMs === null ? 'no job has been timed yet' : `${duration(meanMs)} a job`;
  return `${ahead}, ${String(slotsFree)} of ${counted(slots, 'slot')} free, ${mean}`;
}

/** @param dueMs when its retry is due; before `nowMs` for a job that is ready */
export function expectedStart(facts: LiveFacts, dueMs: number, nowMs: number): ExpectedStart {
  const stopped = standstill(facts);
  const due = dueMs > nowMs ? `it is due in ${duration(dueMs - nowMs)} and then stands at the head; ` : '';
  if (stopped !== undefined || facts.workers === null) {
    return {
      at: null,
      reasoning: `Not before ${stopped?.until ?? 'Redis is back'}${due === '' ? '' : `; ${due.slice(0, -2)}`}.`,
    };
  }
  // A retry that is due stands before all who wait, though not before those already in hand.
  const jobsAhead = due === '' ? facts.jobsAhead : 0;
  const waitMs = turnMs(facts.workers, jobsAhead);
  const told = `${due}${reckoning(facts.workers, jobsAhead)}`;
  const sentence = `${told.charAt(0).toUpperCase()}${told.slice(1)}.`;
  if (waitMs === null) return { at: null, reasoning: sentence };
  return { at: new Date(Math.max(nowMs, dueMs) + waitMs).toISOString(), reasoning: sentence };
}
