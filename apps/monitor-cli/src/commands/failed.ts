// failed: the dead-letter queue as Postgres has it: oldest failure first, in groups of one fingerprint (the same error,
// whatever ids it names), or one job with the errors of all its attempts. Needs Postgres only.
import type { DeadLetter, DeadLetterGroup } from '@jobhive/db';
import { jobId } from '../arguments/job-id.ts';
import { rowLimit } from '../arguments/whole-number.ts';
import { RECORD, type Act, type Command } from '../command.ts';
import type { Arguments } from '../arguments/arguments.ts';
import { errorLines } from '../print/error-lines.ts';
import { relative } from '../print/duration.ts';
import type { Output } from '../print/output.ts';
import type { Column } from '../print/table.ts';

const EMPTY = 'No job has failed: the dead-letter queue is empty.';

const listColumns = (now: Date): readonly Column<DeadLetter>[] => [
  { title: 'JOB', cell: ({ job_id }) => job_id, columnsMin: 36 },
  { title: 'FAILED', cell: ({ failed_at }) => relative(failed_at, now) },
  { title: 'TRIES', cell: ({ attempts }) => attempts, align: 'right' },
  { title: 'STAGE', cell: ({ stage }) => stage, columnsMin: 8 },
  { title: 'ERROR', cell: ({ name, message }) => `${name ?? '–'}: ${message ?? ''}`, columnsMin: 12 },
  { title: 'FINGERPRINT', cell: ({ fingerprint }) => fingerprint },
];

const groupColumns = (now: Date): readonly Column<DeadLetterGroup>[] => [
  { title: 'FINGERPRINT', cell: ({ fingerprint }) => fingerprint },
  { title: 'JOBS', cell: ({ count }) => count, align: 'right' },
  { title: 'STAGE', cell: ({ stage }) => stage, columnsMin: 8 },
  { title: 'ERROR', cell: ({ name, message }) => `${name ?? '–'}: ${message ?? ''}`, columnsMin: 12 },
  { title: 'OLDEST', cell: ({ oldest_at }) => relative(oldest_at, now) },
  { title: 'NEWEST', cell: ({ newest_at }) => relative(newest_at, now) },
];

function tell<Row>(out: Output, rows: readonly Row[], columns: readonly Column<Row>[]): void {
  if (out.json) return out.document(rows);
  if (rows.length === 0) return out.lines(EMPTY);
  out.table(rows, columns);
}

function prepareList(args: Arguments): Act {
  const limit = rowLimit(args.text('limit'));
  return {
    needs: RECORD,
    run: async ({ open, out, clock }) => tell(out, await open.queue.failedList(limit), listColumns(clock.now())),
  };
}

const list: Command = {
  syntax: ['list', '$0'],
  describe: 'oldest failure first',
  options: { limit: { type: 'text', describe: '1 to 1000 rows; default 50' } },
  prepare: prepareList,
};

const groups: Command = {
  syntax: 'groups',
  describe: 'by fingerprint of the error, largest first',
  prepare: () => ({
    needs: RECORD,
    run: async ({ open, out, clock }) => tell(out, await open.queue.failedGroups(), groupColumns(clock.now())),
  }),
};

const show: Command = {
  syntax: 'show <job_id>',
  describe: 'one failed job with the errors of all its attempts',
  positionals: { job_id: 'id of the failed job' },
  prepare: (args) => {
    const id = jobId(args.text('job_id'));
    return {
      needs: RECORD,
      run: async ({ open, out }) => {
        const answer = await open.queue.failedShow(id);
        if (out.json) return out.document(answer);
        out.lines(`Job ${id} failed at ${answer.failed_at}.`, ...errorLines(answer.error_info, out.paint));
      },
    };
  },
};

export const failedCommand: Command = {
  syntax: 'failed',
  describe: 'the dead-letter queue: list, groups, show',
  examples: [
    ['$0 failed', 'the oldest 50'],
    ['$0 failed groups', 'what is wrong with all of them'],
    ['$0 failed show JOB_ID', 'errors of all attempts'],
  ],
  commands: [list, groups, show],
  prepare: prepareList,
};
