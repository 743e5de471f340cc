// The page of one job: the cause in a sentence, its expected start, its waits as bars, its timeline, the errors of its
// attempts. Pure; the same explanation as `why` gives.
import { errorLines } from '../../print/error-lines.ts';
import { fitTo } from '../../print/display-width.ts';
import { plainLine } from '../../print/plain.ts';
import { noPaint, type Paint } from '../../print/style.ts';
import { table } from '../../print/table.ts';
import { startLine, timelineColumns, waitColumns } from '../../print/why-columns.ts';
import type { JobDetail } from '../state.ts';
import { clockTime, wrapped, type Look } from './look.ts';

const BAR_COLUMNS = 16;

/** Cut before it is coloured: a cut must not fall into a colour's code. */
function errors({ errorInfo }: JobDetail, columns: number, paint: Paint): string[] {
  if (errorInfo === null) return [];
  const lines = errorLines(errorInfo, noPaint).map((line) => fitTo(line, columns));
  return lines.map((line) => (line.startsWith('attempt ') ? paint.bold(line) : line));
}

export function jobLines(detail: JobDetail, look: Look): string[] {
  const { columns, paint, now } = look;
  const { job, explanation, timeline } = detail;
  const { cause, waits, expected_start: start } = explanation;
  const time = (at: string): string | null => clockTime(at, now);
  return [
    paint.bold(fitTo(`${plainLine(job.title)} at ${plainLine(job.company)}`, columns)),
    fitTo(`${job.job_id}  ${job.status}  ${plainLine(job.source)}`, columns),
    '',
    ...wrapped(plainLine(cause), columns),
    ...(start === null ? [] : wrapped(startLine(start, time), columns)),
    '',
    ...(waits.length === 0 ? [] : [...table(waits, waitColumns(waits, time, BAR_COLUMNS), columns, paint), '']),
    ...table(timeline, timelineColumns(time), columns, paint),
    ...errors(detail, columns, paint),
  ];
}
