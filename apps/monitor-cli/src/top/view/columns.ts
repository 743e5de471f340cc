// The columns of the lists. Times are times of day, not ages: they stand still while nothing happens.
import type { DeadLetter, JobRow } from '@jobhive/db';
import type { WorkerRow } from '@jobhive/queue';
import { jobColumns } from '../../print/job-columns.ts';
import type { Column } from '../../print/table.ts';
import { progressText } from '../../print/worker-columns.ts';
import { clockTime, shortId } from './look.ts';

export function workerColumns(now: Date): readonly Column<WorkerRow>[] {
  return [
    { title: 'WORKER', cell: ({ name }) => name, columnsMin: 10 },
    { title: 'JOB', cell: ({ job_id }) => shortId(job_id) },
    { title: 'STAGE', cell: ({ stage }) => stage, columnsMin: 8 },
    { title: 'PROGRESS', cell: ({ progress }) => progressText(progress), columnsMin: 8 },
    { title: 'PROCESSED', cell: ({ processed }) => processed, align: 'right' },
    { title: 'FAILED', cell: ({ failed }) => failed, align: 'right' },
    { title: 'SINCE', cell: ({ since }) => clockTime(since, now), spare: 1 },
    { title: 'HOST', cell: ({ host }) => host, columnsMin: 6, spare: 2 },
    { title: 'PID', cell: ({ pid }) => pid, align: 'right', spare: 3 },
  ];
}

export function topJobColumns(now: Date): readonly Column<JobRow>[] {
  return jobColumns({ cell: ({ job_id }) => shortId(job_id) }, (at) => clockTime(at, now));
}

export function failedColumns(now: Date): readonly Column<DeadLetter>[] {
  return [
    { title: 'JOB', cell: ({ job_id }) => shortId(job_id) },
    { title: 'FAILED', cell: ({ failed_at }) => clockTime(failed_at, now) },
    { title: 'TRY', cell: ({ attempts }) => attempts, align: 'right', spare: 2 },
    { title: 'STAGE', cell: ({ stage }) => stage, columnsMin: 6 },
    { title: 'ERROR', cell: ({ name, message }) => `${name ?? '–'}: ${message ?? ''}`, columnsMin: 12 },
    { title: 'FINGERPRINT', cell: ({ fingerprint }) => fingerprint, spare: 1 },
  ];
}
