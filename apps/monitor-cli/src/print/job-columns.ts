// The columns of a list of jobs, as `jobs` and `top` show it. How an id and a time are written is the caller's.
import type { JobRow } from '@jobhive/db';
import { paintStatus } from './paint-status.ts';
import type { Column } from './table.ts';

export function jobColumns(
  id: Pick<Column<JobRow>, 'cell' | 'columnsMin'>,
  discovered: (at: string) => string | null,
): readonly Column<JobRow>[] {
  return [
    { title: 'JOB', ...id },
    {
      title: 'STATUS',
      cell: ({ status }) => status,
      paint: (text, { status }, paint) => paintStatus(text, status, paint),
    },
    { title: 'TRY', cell: ({ attempt }) => attempt, align: 'right', spare: 1 },
    { title: 'TITLE', cell: ({ title }) => title, columnsMin: 8 },
    { title: 'COMPANY', cell: ({ company }) => company, columnsMin: 6 },
    { title: 'SOURCE', cell: ({ source }) => source, columnsMin: 6, spare: 3 },
    { title: 'DISCOVERED', cell: ({ discovered_at }) => discovered(discovered_at), spare: 2 },
  ];
}
