/**
 * The table of a run: a row for each kind of fault, and one for all. A broken law, or a passed delivery, that has a time counts
 * in the row of every kind that was at work within the ten seconds before; in the last row it counts once. Pure.
 */
import type { Evidence } from './evidence.ts';
import type { Verdict } from './judge.ts';
import { KINDS } from './kinds.ts';
import { LOOK_MS_MAX, recoveries } from './recovery.ts';

export interface ReportRow {
  readonly fault: string;
  readonly injected: number;
  /** Mean number of jobs in the hands of workers when it began. */
  readonly in_flight: number;
  readonly lost: number;
  readonly doubled: number;
  readonly attempts_wrongly_spent: number;
  readonly inversions: number;
  /** Median and worst time to 95 % of the earlier rate, in seconds; 60 is at least that; null where it is known of none. */
  readonly recovery_median_seconds: number | null;
  readonly recovery_max_seconds: number | null;
  /** Of how many the rate was not back after a minute, and of how many that cannot be known. */
  readonly not_back_within_60_seconds: number;
  readonly recovery_unknown: number;
}

const AFTERMATH_MS = 10_000;
const DOUBLED = [2, 3];

export function makeReport(evidence: Evidence, verdict: Verdict): ReportRow[] {
  const times = recoveries(evidence);
  const numbered = evidence.faults.map((fault, n) => ({ ...fault, recoveryMs: times[n] }));
  const rows = KINDS.flatMap(({ name, words }) => {
    const mine = numbered.filter(({ kind }) => kind === name);
    const near = (atMs: number | undefined): boolean =>
      mine.some(({ fromMs, toMs }) => atMs !== undefined && fromMs <= atMs && toMs + AFTERMATH_MS >= atMs);
    return mine.length === 0 ? [] : [row(words, mine, verdict, near)];
  });
  return [...rows, row('all', numbered, verdict, () => true)];
}

function row(
  fault: string,
  faults: readonly { readonly inFlight: number; readonly recoveryMs: number | undefined }[],
  { violations, passed }: Verdict,
  near: (atMs: number | undefined) => boolean,
): ReportRow {
  const count = (laws: readonly number[]): number =>
    violations.filter(({ law, atMs }) => laws.includes(law) && near(atMs)).length;
  const known = faults.map(({ recoveryMs }) => recoveryMs).filter((ms) => ms !== undefined);
  const sorted = known.sort((a, b) => a - b);
  return {
    fault,
    injected: faults.length,
    in_flight: Math.round(faults.reduce((sum, { inFlight }) => sum + inFlight, 0) / Math.max(1, faults.length)),
    lost: count([1]),
    doubled: count(DOUBLED),
    attempts_wrongly_spent: count([4]),
    inversions: passed.filter(({ fromMs }) => near(fromMs)).length,
    recovery_median_seconds: seconds(sorted[sorted.length >> 1]),
    recovery_max_seconds: seconds(sorted.at(-1)),
    not_back_within_60_seconds: sorted.filter((ms) => ms >= LOOK_MS_MAX).length,
    recovery_unknown: faults.length - sorted.length,
  };
}

const seconds = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms / 100) / 10);

const HEADS = [
  'Fault',
  'injected',
  'in flight',
  'lost',
  'doubled',
  'attempts wrongly spent',
  'inversions',
  '95 % again: median',
  'worst',
  'not back within 60 s',
  'unknown',
];

function cells(row: ReportRow): string[] {
  const time = (value: number | null): string =>
    value === null ? '–' : `${value * 1000 >= LOOK_MS_MAX ? '≥ ' : ''}${value.toFixed(1)} s`;
  return [
    row.fault,
    ...[row.injected, row.in_flight, row.lost, row.doubled, row.attempts_wrongly_spent, row.inversions].map(String),
    time(row.recovery_median_seconds),
    time(row.recovery_max_seconds),
    String(row.not_back_within_60_seconds),
    String(row.recovery_unknown),
  ];
}

export function asText(rows: readonly ReportRow[]): string {
  const lines = [HEADS, ...rows.map((row) => cells(row))];
  const widths = HEADS.map((_, n) => Math.max(...lines.map((line) => line[n]?.length ?? 0)));
  const padded = (text: string, n: number): string =>
    n === 0 ? text.padEnd(widths[n] ?? 0) : text.padStart(widths[n] ?? 0);
  return lines
    .map((line) =>
      line
        .map((text, n) => padded(text, n))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function asMarkdown(rows: readonly ReportRow[], caption: string): string {
  const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
  const rule = line(HEADS.map((_, n) => (n === 0 ? '---' : '--:')));
  return `${[line(HEADS), rule, ...rows.map((row) => line(cells(row)))].join('\n')}\n\n${caption}\n`;
}
