// failed: the dead-letter queue as Postgres has it: oldest failure first, in groups of one fingerprint (the same error,
// whatever ids it names), or one job with the errors of all its attempts. Needs Postgres only.
import type { DeadLetter, DeadLetterCursor, DeadLetterGroup } from '@jobhive/db';
import { NDJSON_OPTION, wantsLines } from '../arguments/as-lines.ts';
import { jobId } from '../arguments/job-id.ts';
import { rowLimit, showsMore } from '../arguments/whole-number.ts';
import { RECORD, type Act, type Command, type Setting } from '../command.ts';
import type { Arguments } from '../arguments/arguments.ts';
import { exportRows } from '../print/export.ts';
import { errorLines } from '../print/error-lines.ts';
import { relative } from '../print/duration.ts';
import type { Output } from '../print/output.ts';
import type { Column } from '../print/table.ts';

const EMPTY = 'No job has failed: the dead-letter queue is empty.';

const listColumns = (now: Date): readonly Column<DeadLetter>[] => [
  { title: 'JOB', cell: ({ job_id }) => job_id, columnsMin: 36 },
  { title: 'FAILED', cell: ({ failed_at }) => relative(failed_at, now) },
  { title: 'TRIES', cell: ({ attempts }) => attempts, align: 'right', spare: 1 },
  { title: 'STAGE', cell: ({ stage }) => stage, columnsMin: 8 },
  { title: 'ERROR', cell: ({ name, message }) => `${name ?? '–'}: ${message ?? ''}`, columnsMin: 12 },
  { title: 'FINGERPRINT', cell: ({ fingerprint }) => fingerprint, spare: 2 },
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

async function exportFailed({ open, out, shutdown }: Setting, rowsMax: number | undefined): Promise<void> {
  await exportRows<DeadLetter, DeadLetterCursor>({ out, shutdown, rowsMax }, async (limit, after) => {
    const rows = await open.repository.deadLetters(limit, after);
    const last = rows.length < limit ? undefined : rows.at(-1);
    return { rows, next: last === undefined ? undefined : { failedAt: last.failed_at, jobId: last.job_id } };
  });
}

async function showList({ open, out, clock }: Setting, limit: number): Promise<void> {
  const letters = await open.queue.failedList(limit);
  tell(out, letters, listColumns(clock.now()));
  if (!out.json && letters.length === limit)
    out.lines(out.paint.dim(`The oldest ${String(limit)}; ${showsMore(limit)}.`));
}

function prepareList(args: Arguments): Act {
  const limitText = args.text('limit');
  const limit = rowLimit(limitText);
  if (wantsLines(args)) {
    const rowsMax = limitText === undefined ? undefined : limit;
    return { needs: RECORD, run: (setting) => exportFailed(setting, rowsMax) };
  }
  return { needs: RECORD, run: (setting) => showList(setting, limit) };
}

const list: Command = {
  syntax: ['list', '$0'],
  describe: 'oldest failure first',
  options: { limit: { type: 'text', describe: '1 to 1000 rows; default 50' }, ndjson: NDJSON_OPTION },
  examples: [
    ['$0 failed list --limit 1000', 'more than 50'],
    ['$0 failed list --ndjson > failed.ndjson', 'all of them, a line each'],
  ],
  prepare: prepareList,
};

const groups: Command = {
  syntax: 'groups',
  describe: 'by fingerprint of the error, largest first',
  examples: [['$0 failed groups', 'then `retry --fingerprint F` mends a group']],
  prepare: () => ({
    needs: RECORD,
    run: async ({ open, out, clock }) => tell(out, await open.queue.failedGroups(), groupColumns(clock.now())),
  }),
};

const show: Command = {
  syntax: 'show <job_id>',
  describe: 'one failed job with the errors of all its attempts',
  positionals: { job_id: 'id of the failed job' },
  examples: [['$0 failed show JOB_ID', 'each attempt with its stack']],
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
