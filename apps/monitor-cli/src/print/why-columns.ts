// What `why` and `top` show of one job: its expected start; its waits, each drawn as its part of the whole time; its timeline.
// How a time is written is the caller's.
import type { TimelineEntry } from '@jobhive/db';
import type { ExpectedStart } from '../why/expected-start.ts';
import type { Wait } from '../why/wait.ts';
import { duration } from './duration.ts';
import type { Column } from './table.ts';

type WriteTime = (at: string) => string | null;

export function startLine({ at, reasoning }: ExpectedStart, time: WriteTime): string {
  return `Expected start: ${at === null ? 'not known' : (time(at) ?? at)}. ${reasoning}`;
}

/** The wall time from the first wait to the last, with this one's part of it filled; each is seen, however short. */
function bar(
  { from, ms }: Wait,
  { beginMs, totalMs, columns }: { beginMs: number; totalMs: number; columns: number },
): string {
  if (totalMs === 0) return '';
  const before = Math.min(columns - 1, Math.floor(((Date.parse(from) - beginMs) / totalMs) * columns));
  const filled = Math.max(1, Math.min(columns - before, Math.round((ms / totalMs) * columns)));
  return `${'·'.repeat(before)}${'█'.repeat(filled)}${'·'.repeat(columns - before - filled)}`;
}

export function waitColumns(waits: readonly Wait[], time: WriteTime, barColumns: number): readonly Column<Wait>[] {
  const beginMs = Date.parse(waits[0]?.from ?? '');
  const last = waits.at(-1);
  const totalMs = last === undefined ? 0 : Date.parse(last.from) + last.ms - beginMs;
  return [
    {
      title: 'WAITED FOR',
      cell: ({ for: reason, name }) => (name === null ? reason : `${reason} (${name})`),
      columnsMin: 12,
    },
    { title: 'SINCE', cell: ({ from }) => time(from) },
    { title: 'HOW LONG', cell: ({ ms, to }) => (to === null ? `${duration(ms)} …` : duration(ms)), align: 'right' },
    {
      title: '',
      cell: (wait) => bar(wait, { beginMs, totalMs, columns: barColumns }),
      paint: (text, _wait, paint) => paint.blue(text),
    },
  ];
}

export function timelineColumns(time: WriteTime): readonly Column<TimelineEntry>[] {
  return [
    { title: 'AT', cell: ({ at }) => time(at) },
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
