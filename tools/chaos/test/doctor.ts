/** Ways to doctor the evidence of a sound run, one fact at a time. */
import { judge } from '../src/judge.ts';
import { soundEvidence, type Doctored } from './sound-evidence.ts';

type Row = Doctored['rows'][number];

export function lawsBrokenBy(doctor: (evidence: Doctored) => void): number[] {
  const evidence = soundEvidence();
  doctor(evidence);
  return [...new Set(judge(evidence).violations.map(({ law }) => law))].sort((a, b) => a - b);
}

export function rewrite(evidence: Doctored, jobId: string, change: (row: Row) => Row): void {
  evidence.rows = evidence.rows.map((row) => (row.jobId === jobId ? change(row) : row));
}

export function without(evidence: Doctored, jobId: string, event: string): void {
  evidence.events = evidence.events.filter((one) => one.jobId !== jobId || one.event !== event);
}

export function add(evidence: Doctored, line: Partial<Doctored['ledger'][number]> & { job: string; at: number }): void {
  const { job, stage = 'fetch' } = line;
  evidence.ledger.push({ what: 'start', stage, attempt: 1, worker: 'w0', key: `${job}/${stage}`, nonce: 'z', ...line });
}

export function stretched(told: Doctored['waits'][number], byMs: number, which = 0): Doctored['waits'][number] {
  const waits = told.waits.map((wait, n) =>
    n === which ? { ...wait, ms: wait.ms + byMs, toMs: (wait.toMs ?? 0) + byMs } : wait,
  );
  return { ...told, waits };
}

export function away(store: 'redis' | 'postgres', fromMs: number, toMs: number): Doctored['outages'][number] {
  return { store, side: undefined, how: 'away', fromMs, toMs };
}

/** Shifts what happens to a job from a time on. */
export function delay(evidence: Doctored, jobId: string, sinceMs: number, byMs: number): void {
  const later = (ms: number): number => (ms >= sinceMs ? ms + byMs : ms);
  evidence.waits = [];
  evidence.events = evidence.events.map((one) => (one.jobId === jobId ? { ...one, atMs: later(one.atMs) } : one));
  evidence.ledger = evidence.ledger.map((one) => (one.job === jobId ? { ...one, at: later(one.at) } : one));
}
