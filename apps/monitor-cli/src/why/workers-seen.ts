// What the workers' beats tell about who could take a job. Pure. Only who was heard of in the last seconds counts as alive: a
// worker that was killed stays on record until its lease has run out, and must not pass for a busy one.
import type { RegisteredWorker } from '@jobhive/queue';
import { SILENT_MS, type WorkersSeen } from './facts.ts';

export function workersSeen(workers: readonly RegisteredWorker[]): WorkersSeen {
  const alive = workers.filter(({ ageMs }) => ageMs <= SILENT_MS);
  const timed = alive.flatMap(({ meanMs }) => (meanMs === null ? [] : [meanMs]));
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  return {
    alive: alive.length,
    slots: sum(alive.map(({ slots }) => slots)),
    slotsFree: sum(alive.map(({ slots, in_hand }) => Math.max(0, slots - in_hand))),
    meanMs: timed.length === 0 ? null : sum(timed) / timed.length,
    lastBeatMs: workers.length === 0 ? null : Math.min(...workers.map(({ ageMs }) => ageMs)),
  };
}
