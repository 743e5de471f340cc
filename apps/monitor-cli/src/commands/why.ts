// why: where a job is and what it waited for, with the cause in a sentence. Needs Postgres only; what Redis would tell
// (who lives) is left out where it is away.
import type { TimelineEntry } from '@jobhive/db';
import { jobId } from '../arguments/job-id.ts';
import { RECORD_REDIS_IF_THERE, type Command } from '../command.ts';
import { duration, moment } from '../print/duration.ts';
import type { Output } from '../print/output.ts';
import { plainLine } from '../print/plain.ts';
import type { Column } from '../print/table.ts';
import { explain, type Explanation } from '../why/explain.ts';
import { gather, type Gathered } from '../why/gather.ts';
import type { Wait } from '../why/wait.ts';

const BAR_COLUMNS = 24;

/** The wall time from the first wait to the last, with this one's part of it filled; each is seen, however short. */
function bar({ from, ms }: Wait, beginMs: number, totalMs: number): string {
  if (totalMs === 0) return '';
  const before = Math.min(BAR_COLUMNS - 1, Math.floor(((Date.parse(from) - beginMs) / totalMs) * BAR_COLUMNS));
  const filled = Math.max(1, Math.min(BAR_COLUMNS - before, Math.round((ms / totalMs) * BAR_COLUMNS)));
  return `${'·'.repeat(before)}${'█'.repeat(filled)}${'·'.repeat(BAR_COLUMNS - before - filled)}`;
}

function waitColumns(waits: readonly Wait[]): readonly Column<Wait>[] {
  const beginMs = Date.parse(waits[0]?.from ?? '');
  const last = waits.at(-1);
  const totalMs = last === undefined ? 0 : Date.parse(last.from) + last.ms - beginMs;
  return [
    {
      title: 'WAITED FOR',
      cell: ({ for: reason, name }) => (name === null ? reason : `${reason} (${name})`),
      columnsMin: 12,
    },
    { title: 'SINCE', cell: ({ from }) => moment(from) },
    { title: 'HOW LONG', cell: ({ ms, to }) => (to === null ? `${duration(ms)} …` : duration(ms)), align: 'right' },
    { title: '', cell: (wait) => bar(wait, beginMs, totalMs) },
  ];
}

const TIMELINE_COLUMNS: readonly Column<TimelineEntry>[] = [
  { title: 'AT', cell: ({ at }) => at },
  { title: 'EVENT', cell: ({ event }) => event },
  { title: 'TRY', cell: ({ attempt }) => attempt, align: 'right' },
  { title: 'WORKER', cell: ({ worker_name }) => worker_name, columnsMin: 8 },
  { title: 'DETAIL', cell: ({ detail }) => detailText(detail), columnsMin: 12 },
];

function detailText(detail: TimelineEntry['detail']): string {
  return Object.entries(detail)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

function print(
  out: Output,
  { history: { job, timeline } }: Gathered,
  { cause, waits, expected_start: start }: Explanation,
): void {
  const { title, company, status, job_id: id } = job.row;
  out.lines(`${out.paint.bold(plainLine(title))} at ${plainLine(company)}`, `${id}  ${status}`, '', plainLine(cause));
  if (start !== null)
    out.lines(`Expected start: ${start.at === null ? 'not known' : moment(start.at)}. ${start.reasoning}`);
  if (waits.length > 0) {
    out.lines('');
    out.table(waits, waitColumns(waits));
  }
  out.lines('');
  out.table(timeline, TIMELINE_COLUMNS);
}

export const whyCommand: Command = {
  syntax: 'why <job_id>',
  describe: 'what a job waits for, and its timeline',
  positionals: { job_id: 'id of the job' },
  examples: [
    ['$0 why JOB_ID', 'the cause in a sentence, waits, timeline'],
    ['$0 why JOB_ID --json | jq -r .cause', 'the sentence alone'],
  ],
  prepare: (args) => {
    const id = jobId(args.text('job_id'));
    return {
      needs: RECORD_REDIS_IF_THERE,
      run: async ({ open, out }) => {
        const gathered = await gather(open, id);
        const explanation = explain(gathered.history, gathered.facts, gathered.now);
        if (!out.json) return print(out, gathered, explanation);
        const { status } = gathered.history.job.row;
        out.document({ job_id: id, status, ...explanation, timeline: gathered.history.timeline });
      },
    };
  },
};
