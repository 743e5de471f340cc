/**
 * What a run came to, as a table, and what may be tried next. Pure.
 */
import type { Counts } from './status.ts';

export interface RunFacts {
  readonly before: Counts;
  readonly after: Counts;
  /** From the poll to the last job. */
  readonly durationMs: number;
  /** Where the documents are, as the user would write it. */
  readonly outputDir: string;
}

const statuses = ['discovered', 'queued', 'processing', 'processed', 'failed', 'cancelled'] as const;

export function summary({ before, after, durationMs, outputDir }: RunFacts): string {
  const rows = statuses.map((status) => [status, String(after[status]), change(after[status] - before[status])]);
  const settledNow = after.processed + after.failed - before.processed - before.failed;
  const seconds = durationMs / 1000;
  return [
    ...table([['jobs', 'now', 'this run'], ...rows]),
    '',
    `duration       ${seconds.toFixed(1)} s`,
    `jobs a minute  ${seconds > 0 ? Math.round((settledNow / seconds) * 60) : 0}`,
    `documents      ${outputDir}`,
  ].join('\n');
}

export function whatNext(once: boolean): string {
  const commands = [
    ['npm run -s monitor -- status --watch', 'the figures, live'],
    ['npm run -s monitor -- jobs --limit 10', 'the newest jobs'],
    ['npm run -s monitor -- why JOB_ID', 'what happened to a job, and what it waits for'],
    ['npm run -s monitor -- failed', 'the dead letters'],
  ] as const;
  const intro = once
    ? 'Start it with `npm start`, then try in another terminal:'
    : 'Try in another terminal (Ctrl-C here ends all of it):';
  return [intro, ...commands.map(([command, what]) => `  ${command.padEnd(40)} ${what}`)].join('\n');
}

function change(by: number): string {
  return by > 0 ? `+${by}` : String(by);
}

/** First column to the left, figures to the right. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0))).join('   '),
  );
}
