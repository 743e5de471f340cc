/**
 * Law 7, what people read of it: the waits that `why` tells of a job follow each other from the moment it was queued to the event
 * that settled it, without a gap, and sum to that time within 50 ms. What they are called is not judged here.
 */
import type { Event, Evidence, ToldWaits } from '../evidence.ts';
import { broken, type Violation } from '../violation.ts';

const TOLERANCE_MS = 50;
const SETTLED = ['processed', 'failed', 'cancelled'];

export function waitsSum({ events, waits }: Evidence): Violation[] {
  const walls = new Map<string, { fromMs: number; toMs: number | undefined }>();
  for (const { jobId, event, atMs } of events) note(walls, jobId, event, atMs);
  return waits.flatMap((told) => {
    const wall = walls.get(told.jobId);
    const wrong = wall?.toMs === undefined ? undefined : wrongWith(told, wall.fromMs, wall.toMs); // that it is settled, law 1 asks
    return wrong === undefined ? [] : [broken(7, wrong, told.jobId)];
  });
}

function note(
  walls: Map<string, { fromMs: number; toMs: number | undefined }>,
  jobId: string,
  event: Event['event'],
  atMs: number,
): void {
  if (event === 'queued' && !walls.has(jobId)) walls.set(jobId, { fromMs: atMs, toMs: undefined });
  const wall = walls.get(jobId);
  if (wall !== undefined && SETTLED.includes(event)) wall.toMs = atMs;
}

function wrongWith({ waits }: ToldWaits, fromMs: number, toMs: number): string | undefined {
  const wallMs = toMs - fromMs;
  const sumMs = waits.reduce((sum, { ms }) => sum + ms, 0);
  if (Math.abs(sumMs - wallMs) > TOLERANCE_MS)
    return `its waits sum to ${String(Math.round(sumMs))} ms, on the wall it took ${String(Math.round(wallMs))} ms`;
  const gap = waits.findIndex((wait, n) => Math.abs(wait.fromMs - (waits[n - 1]?.toMs ?? fromMs)) > TOLERANCE_MS);
  return gap === -1 ? undefined : `its wait number ${String(gap + 1)} does not begin where the one before ends`;
}
