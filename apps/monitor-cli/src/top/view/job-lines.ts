// The page of one job: the cause in a sentence, its waits as bars, the errors of its attempts, its timeline. Pure; the same
// explanation as `why` gives.
import type { TimelineEntry } from '@jobhive/db';
import { duration } from '../../print/duration.ts';
import { errorLines } from '../../print/error-lines.ts';
import { fitTo } from '../../print/display-width.ts';
import { plainLine } from '../../print/plain.ts';
import { noPaint, type Paint } from '../../print/style.ts';
import { table, type Column } from '../../print/table.ts';
import type { Wait } from '../../why/wait.ts';
import type { JobDetail } from '../state.ts';
import { clockTime, wrapped, type Look } from './look.ts';

const BAR_COLUMNS = 16;

function bar(ms: number, totalMs: number): string {
  return '█'.repeat(ms <= 0 || totalMs === 0 ? 0 : Math.max(1, Math.round((ms / totalMs) * BAR_COLUMNS)));
}

function waitColumns(totalMs: number, now: Date): readonly Column<Wait>[] {
  return [
    {
      title: 'WAITED FOR',
      cell: ({ for: what, name }) => (name === null ? what : `${what} (${name})`),
      columnsMin: 12,
    },
    { title: 'SINCE', cell: ({ from }) => clockTime(from, now) },
    { title: 'HOW LONG', cell: ({ ms, to }) => (to === null ? `${duration(ms)} …` : duration(ms)), align: 'right' },
    { title: '', cell: ({ ms }) => bar(ms, totalMs), paint: (text, _wait, paint) => paint.blue(text) },
  ];
}

function timelineColumns(now: Date): readonly Column<TimelineEntry>[] {
  return [
    { title: 'AT', cell: ({ at }) => clockTime(at, now) },
    { title: 'EVENT', cell: ({ event }) => event },
    { title: 'TRY', cell: ({ attempt }) => attempt, align: 'right' },
    { title: 'WORKER', cell: ({ worker_name }) => worker_name, columnsMin: 8 },
    { title: 'DETAIL', cell: ({ detail }) => detailText(detail), columnsMin: 12 },
  ];
}

function detailText(detail: TimelineEntry['detail']): string {
  return Object.entries(detail)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

/** Cut before it is coloured: a cut must not fall into a colour's code. */
function errors({ errorInfo }: JobDetail, columns: number, paint: Paint): string[] {
  if (errorInfo === null) return [];
  const lines = errorLines(errorInfo, noPaint).map((line) => fitTo(line, columns));
  return lines.map((line) => (line.startsWith('attempt ') ? paint.bold(line) : line));
}

export function jobLines(detail: JobDetail, look: Look): string[] {
  const { columns, paint, now } = look;
  const { job, explanation, timeline } = detail;
  const { cause, waits } = explanation;
  const totalMs = waits.reduce((sum, { ms }) => sum + ms, 0);
  return [
    paint.bold(fitTo(`${plainLine(job.title)} at ${plainLine(job.company)}`, columns)),
    fitTo(`${job.job_id}  ${job.status}  ${plainLine(job.source)}`, columns),
    '',
    ...wrapped(plainLine(cause), columns),
    '',
    ...(waits.length === 0 ? [] : [...table(waits, waitColumns(totalMs, now), columns, paint), '']),
    ...table(timeline, timelineColumns(now), columns, paint),
    ...errors(detail, columns, paint),
  ];
}
