// jobs: search by status, source, words and time; newest discovery first. Needs Postgres only.
import { UsageError } from '@jobhive/config';
import { isStatus, STATUSES, type JobRow, type Status } from '@jobhive/db';
import type { Arguments } from '../arguments/arguments.ts';
import { parseSince, sinceDate } from '../arguments/since.ts';
import { rowLimit } from '../arguments/whole-number.ts';
import { RECORD, type Command } from '../command.ts';
import { relative } from '../print/duration.ts';
import type { Paint } from '../print/style.ts';
import type { Column } from '../print/table.ts';

function statusOf(args: Arguments): Status | undefined {
  const text = args.text('status');
  if (text === undefined || isStatus(text)) return text;
  throw new UsageError(`--status is ${JSON.stringify(text)}; give one of ${STATUSES.join(', ')}`);
}

export function paintStatus(text: string, status: Status, paint: Paint): string {
  if (status === 'failed') return paint.red(text);
  if (status === 'processed') return paint.green(text);
  return status === 'processing' ? paint.blue(text) : text;
}

function columns(now: Date): readonly Column<JobRow>[] {
  return [
    { title: 'JOB', cell: ({ job_id }) => job_id, columnsMin: 36 },
    {
      title: 'STATUS',
      cell: ({ status }) => status,
      paint: (text, { status }, paint) => paintStatus(text, status, paint),
    },
    { title: 'TRY', cell: ({ attempt }) => attempt, align: 'right' },
    { title: 'TITLE', cell: ({ title }) => title, columnsMin: 8 },
    { title: 'COMPANY', cell: ({ company }) => company, columnsMin: 6 },
    { title: 'SOURCE', cell: ({ source }) => source, columnsMin: 6 },
    { title: 'DISCOVERED', cell: ({ discovered_at }) => relative(discovered_at, now) },
  ];
}

export const jobsCommand: Command = {
  syntax: 'jobs',
  describe: 'search jobs, newest discovery first',
  options: {
    status: { type: 'text', describe: STATUSES.join(', ') },
    source: { type: 'text', describe: 'the source as it was named to the poller' },
    text: { type: 'text', describe: 'words in title and company, ignoring case' },
    since: { type: 'text', describe: 'discovered since: 30s, 15m, 2h, 7d, or an ISO 8601 time' },
    limit: { type: 'text', describe: '1 to 1000 rows; default 50' },
  },
  examples: [
    ['$0 jobs --status failed --since 2h', 'what failed of the last two hours'],
    ['$0 jobs --text "rust berlin" --json', 'by words, as JSON'],
  ],
  prepare: (args) => {
    const [status, source, text, limit] = [
      statusOf(args),
      args.text('source'),
      args.text('text'),
      rowLimit(args.text('limit')),
    ];
    const sinceText = args.text('since');
    const since = sinceText === undefined ? undefined : parseSince(sinceText);
    return {
      needs: RECORD,
      run: async ({ open: { repository }, out }) => {
        const { now } = await repository.queueStateFacts();
        const from = since === undefined ? undefined : sinceDate(since, now);
        const { jobs } = await repository.searchJobs({ status, source, text, limit, since: from });
        if (out.json) return out.document(jobs);
        if (jobs.length === 0) return out.lines('No job matches.');
        out.table(jobs, columns(now));
        if (jobs.length === limit) out.lines(out.paint.dim(`The newest ${String(limit)}; --limit shows more.`));
      },
    };
  },
};
