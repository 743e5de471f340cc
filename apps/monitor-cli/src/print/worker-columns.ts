// The columns of a worker, for `workers` and `status`.
import type { WorkerRow } from '@jobhive/queue';
import { relative } from './duration.ts';
import type { Column } from './table.ts';

export function workerColumns(now: Date): readonly Column<WorkerRow>[] {
  return [
    { title: 'WORKER', cell: ({ name }) => name, columnsMin: 10 },
    { title: 'HOST', cell: ({ host }) => host, columnsMin: 6, spare: 4 },
    { title: 'PID', cell: ({ pid }) => pid, align: 'right', spare: 3 },
    { title: 'SINCE', cell: ({ since }) => relative(since, now), spare: 5 },
    { title: 'JOB', cell: ({ job_id }) => job_id, columnsMin: 9 },
    { title: 'STAGE', cell: ({ stage }) => stage, columnsMin: 8 },
    { title: 'PROGRESS', cell: ({ progress }) => progressText(progress), columnsMin: 8 },
    { title: 'PROCESSED', cell: ({ processed }) => processed, align: 'right' },
    { title: 'FAILED', cell: ({ failed }) => failed, align: 'right' },
    { title: 'HEARTBEAT', cell: ({ last_heartbeat }) => relative(last_heartbeat, now), spare: 6 },
  ];
}

export function progressText(progress: WorkerRow['progress']): string | null {
  if (progress === null) return null;
  return `${String(Math.round(progress.fraction * 100))} % ${progress.text}`.trim();
}
