// What stands between the tabs and the keys. Pure.
import { fitTo } from '../../print/display-width.ts';
import { plainLine } from '../../print/plain.ts';
import { noPaint } from '../../print/style.ts';
import { markedAt, ROWS_MAX, workersShown, type State } from '../state.ts';
import { failedColumns, topJobColumns, workerColumns } from './columns.ts';
import { FRAME_ROWS } from './frame-lines.ts';
import { helpLines } from './help-lines.ts';
import { jobLines } from './job-lines.ts';
import type { Look } from './look.ts';
import { queueLines } from './queue-lines.ts';
import { rowLines } from './rows.ts';

const READING = 'reading …';

function workers(state: State, look: Look): string[] {
  const rows = workersShown(state);
  if (state.seen.status?.workers.active === null) return ['Redis is away: who lives is not known.'];
  if (rows.length > 0) return rowLines(rows, markedAt(state), workerColumns(look.now), look);
  return [state.filters.workers === '' ? 'No worker is alive. Start one with `worker`.' : 'No worker matches.'];
}

function jobs(state: State, look: Look): string[] {
  const rows = state.seen.jobs;
  if (rows === undefined) return [READING];
  if (rows.length > 0) return rowLines(rows, markedAt(state), topJobColumns(look.now), look);
  return [state.filters.jobs === '' ? 'There are no jobs yet.' : 'No job matches.'];
}

/** The largest groups in a line, then the jobs, oldest failure first. */
function failed(state: State, look: Look): string[] {
  const { groups = [], failed: rows } = state.seen;
  if (rows === undefined) return [READING];
  if (rows.length === 0) return [state.filters.failed === '' ? 'No job has failed.' : 'No failed job matches.'];
  const largest = groups
    .slice(0, 3)
    .map(({ count, name, stage }) => `${String(count)} ${plainLine(`${name ?? '–'} in ${stage ?? '–'}`)}`);
  const errors = `${String(groups.length)} ${groups.length === 1 ? 'error' : 'errors'}: ${largest.join(' · ')}`;
  const head = rows.length < ROWS_MAX ? errors : `The oldest ${String(ROWS_MAX)} are shown. ${errors}`;
  const list = rowLines(rows, markedAt(state), failedColumns(look.now), { ...look, rows: look.rows - 2 });
  return [look.paint.dim(fitTo(head, look.columns)), '', ...list];
}

/** How far the page of a job can be scrolled. */
export function lineMax({ seen, size }: State): number {
  if (seen.detail === undefined) return 0;
  const rows = size.rows - FRAME_ROWS;
  const lines = jobLines(seen.detail, { columns: size.columns, rows, paint: noPaint, now: new Date(0) });
  return Math.max(0, lines.length - rows);
}

function page({ seen, open }: State, look: Look): string[] {
  if (seen.detail === undefined) return [READING];
  const lines = jobLines(seen.detail, look);
  const first = Math.min(open?.line ?? 0, Math.max(0, lines.length - look.rows));
  return lines.slice(first);
}

export function bodyLines(state: State, look: Look): string[] {
  if (state.help) return helpLines().map((line) => fitTo(line, look.columns));
  if (state.open !== undefined) return page(state, look);
  const { status, samples } = state.seen;
  if (status === undefined) return [READING];
  switch (state.tab) {
    case 'queue':
      return queueLines(status, samples, look);
    case 'workers':
      return workers(state, look);
    case 'jobs':
      return jobs(state, look);
    case 'failed':
      return failed(state, look);
  }
}
