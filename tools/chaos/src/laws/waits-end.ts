/**
 * Law 6, as far as a run can show it: no call of a producer or an operator outlived its bound, all jobs were settled within the bound after the
 * last fault, every worker that was asked to end did so with 0 within its grace and 5 s (time in which it was frozen, blocked or
 * cut off is not held against it), and no worker ended that nobody asked to or killed.
 */
import type { Absence, Evidence, WorkerLife } from '../evidence.ts';
import { broken, type Violation } from '../violation.ts';

const END_MS = 5000;
const SLACK_MS = 1500;
/** A process that is this young has no listener for signals yet. */
const YOUNG_MS = 5000;

export function waitsEnd(evidence: Evidence): Violation[] {
  const crashed = new Set(evidence.ledger.filter(({ what }) => what === 'crash').map(({ worker }) => worker));
  return [
    ...evidence.overdue.map((text) => broken(6, text)),
    ...evidence.workers.flatMap((life) => endOf(evidence, life, crashed)),
  ];
}

function endOf({ graceMs, absences }: Evidence, life: WorkerLife, crashed: ReadonlySet<string>): Violation[] {
  const { name, startedMs, endedMs, termedMs, killedMs, code, signal } = life;
  if (endedMs === undefined) return [broken(6, `worker ${name} never ended`)];
  if (killedMs !== undefined || (signal === 'SIGKILL' && crashed.has(name))) return [];
  const how = signal ?? `code ${String(code)}`;
  if (termedMs === undefined) return [broken(6, `worker ${name} ended by itself with ${how}`, undefined, endedMs)];
  if (signal === 'SIGTERM' && termedMs - startedMs < YOUNG_MS) return [];
  if (code !== 0) return [broken(6, `worker ${name} was asked to end, and ended with ${how}`, undefined, endedMs)];
  const awayMs = Math.max(
    0,
    ...absences.filter(({ worker }) => worker === name).map((one) => overlap(one, termedMs, endedMs)),
  );
  const tookMs = endedMs - termedMs - awayMs;
  if (tookMs <= graceMs + END_MS + SLACK_MS) return [];
  return [broken(6, `worker ${name} took ${String(tookMs)} ms to end`, undefined, endedMs)];
}

function overlap({ fromMs, toMs }: Absence, from: number, to: number): number {
  return Math.max(0, Math.min(to, toMs) - Math.max(from, fromMs));
}
