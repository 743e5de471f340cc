// enqueue: discovered or cancelled jobs into the queue, by id (all or none) or all that are discovered, in the order of
// discovery. It is on record once this returns; whether Redis has it too is told by `dispatched`. Needs Postgres only.
import { UsageError } from '@jobhive/config';
import type { EnqueueResult } from '@jobhive/queue';
import { jobIds } from '../arguments/job-id.ts';
import { RECORD, type Command, type Setting } from '../command.ts';
import { withProgress } from '../long-work.ts';
import { duration } from '../print/duration.ts';
import type { Column } from '../print/table.ts';

const COLUMNS: readonly Column<EnqueueResult>[] = [
  { title: 'JOB', cell: ({ job_id }) => job_id, columnsMin: 36 },
  { title: 'STATE', cell: stateText },
  { title: 'POSITION', cell: ({ queue_position }) => queue_position, align: 'right' },
  {
    title: 'STARTS IN',
    cell: ({ estimated_wait_time: seconds }) => (seconds === null ? null : duration(seconds * 1000)),
    align: 'right',
  },
];

/** Rows for people; a longer list is counted. */
const ROWS_MAX = 50;

function stateText({ already_queued, dispatched }: EnqueueResult): string {
  if (already_queued) return 'was queued already';
  return dispatched ? 'queued' : 'queued, delivered when Redis is back';
}

function tell({ out }: Setting, results: readonly EnqueueResult[]): void {
  if (out.json) return out.document(results);
  if (results.length === 0) return out.lines('Nothing is discovered that is not queued yet.');
  if (results.length <= ROWS_MAX) return out.table(results, COLUMNS);
  const queued = results.filter(({ already_queued }) => !already_queued);
  const undelivered = queued.filter(({ dispatched }) => !dispatched).length;
  const rest = undelivered === 0 ? '' : `; ${String(undelivered)} of them are delivered when Redis is back`;
  out.lines(`Enqueued ${String(queued.length)} jobs${rest}.`);
}

async function enqueueDiscovered(setting: Setting): Promise<void> {
  const results: EnqueueResult[] = [];
  await withProgress(setting, 'enqueueing', (work) =>
    setting.open.queue.enqueueDiscovered({
      ...work,
      auto: false,
      by: setting.by,
      onEnqueued: (page) => {
        for (const result of page) results.push(result);
      },
    }),
  );
  tell(setting, results);
}

export const enqueueCommand: Command = {
  syntax: 'enqueue [job_ids..]',
  describe: 'put jobs into the queue',
  positionals: { job_ids: 'ids of jobs' },
  options: {
    discovered: { type: 'flag', describe: 'all that are discovered, in order; waits for ENQUEUE_RATE_LIMIT' },
  },
  examples: [
    ['$0 enqueue JOB_ID', 'one job'],
    ['$0 enqueue --discovered', 'all that wait to be enqueued'],
  ],
  prepare: (args) => {
    const texts = args.list('job_ids');
    const all = args.flag('discovered');
    if (all && texts.length > 0) throw new UsageError('give job ids or --discovered, not both');
    if (!all && texts.length === 0) throw new UsageError('give job ids, or --discovered for all that are discovered');
    if (all) return { needs: RECORD, heedsShutdown: true, run: enqueueDiscovered };
    const ids = jobIds(texts);
    return {
      needs: RECORD,
      run: async (setting) => tell(setting, await setting.open.queue.enqueueJobs(ids, setting.by)),
    };
  },
};
