// jobs: search by status, source, words and time; newest discovery first. Needs Postgres only.
import { UsageError } from '@jobhive/config';
import { isStatus, STATUSES, type JobRow, type JobSearch, type Status } from '@jobhive/db';
import type { Arguments } from '../arguments/arguments.ts';
import { NDJSON_OPTION, wantsLines } from '../arguments/as-lines.ts';
import { parseSince, sinceDate, type Since } from '../arguments/since.ts';
import { rowLimit, showsMore } from '../arguments/whole-number.ts';
import { RECORD, type Act, type Command, type Setting } from '../command.ts';
import { relative } from '../print/duration.ts';
import { exportRows } from '../print/export.ts';
import { jobColumns } from '../print/job-columns.ts';

function statusOf(args: Arguments): Status | undefined {
  const text = args.text('status');
  if (text === undefined || isStatus(text)) return text;
  throw new UsageError(`--status is ${JSON.stringify(text)}; give one of ${STATUSES.join(', ')}`);
}

interface Plan {
  readonly search: Omit<JobSearch, 'limit'>;
  readonly limit: number;
  readonly since: Since | undefined;
}

/** `--since` is counted back from the database's now, which is told too. */
async function searchOf({ open }: Setting, { search, since }: Plan): Promise<{ search: Plan['search']; now: Date }> {
  const { now } = await open.repository.queueStateFacts();
  return { search: since === undefined ? search : { ...search, since: sinceDate(since, now) }, now };
}

async function show(setting: Setting, plan: Plan): Promise<void> {
  const { open, out } = setting;
  const { search, now } = await searchOf(setting, plan);
  const { jobs } = await open.repository.searchJobs({ ...search, limit: plan.limit });
  if (out.json) return out.document(jobs);
  if (jobs.length === 0) return out.lines('No job matches.');
  out.table(
    jobs,
    jobColumns({ cell: ({ job_id }) => job_id, columnsMin: 36 }, (at) => relative(at, now)),
  );
  if (jobs.length === plan.limit)
    out.lines(out.paint.dim(`The newest ${String(plan.limit)}; ${showsMore(plan.limit)}.`));
}

async function exportJobs(setting: Setting, plan: Plan, rowsMax: number | undefined): Promise<void> {
  const { open, out, shutdown } = setting;
  const { search } = await searchOf(setting, plan);
  await exportRows<JobRow, number>({ out, shutdown, rowsMax }, async (limit, beforeSeq) => {
    const { jobs, nextSeq } = await open.repository.searchJobs({ ...search, limit, beforeSeq });
    return { rows: jobs, next: nextSeq ?? undefined };
  });
}

export const jobsCommand: Command = {
  syntax: 'jobs',
  describe: 'search jobs, newest discovery first',
  options: {
    status: { type: 'text', describe: STATUSES.join(', '), values: STATUSES },
    source: { type: 'text', describe: 'the source as it was named to the poller' },
    text: { type: 'text', describe: 'words in title and company, ignoring case' },
    since: { type: 'text', describe: 'discovered since: 30s, 15m, 2h, 7d, or an ISO 8601 time' },
    limit: { type: 'text', describe: '1 to 1000 rows; default 50' },
    ndjson: NDJSON_OPTION,
  },
  examples: [
    ['$0 jobs --status failed --since 2h', 'what failed of the last two hours'],
    ['$0 jobs --text "rust berlin" --json', 'by words, as JSON'],
    ['$0 jobs --status processed --ndjson > done.ndjson', 'all of them, a line each'],
  ],
  prepare: (args): Act => {
    const limitText = args.text('limit');
    const sinceText = args.text('since');
    const plan: Plan = {
      search: { status: statusOf(args), source: args.text('source'), text: args.text('text') },
      limit: rowLimit(limitText),
      since: sinceText === undefined ? undefined : parseSince(sinceText),
    };
    if (!wantsLines(args)) return { needs: RECORD, run: (setting) => show(setting, plan) };
    const rowsMax = limitText === undefined ? undefined : plan.limit;
    return { needs: RECORD, run: (setting) => exportJobs(setting, plan, rowsMax) };
  },
};
