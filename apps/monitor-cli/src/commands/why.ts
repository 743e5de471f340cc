// why: where a job is and what it waited for, with the cause in a sentence. Needs Postgres only; what Redis would tell
// (who lives) is left out where it is away.
import { jobId } from '../arguments/job-id.ts';
import { RECORD_REDIS_IF_THERE, type Command } from '../command.ts';
import { moment } from '../print/duration.ts';
import type { Output } from '../print/output.ts';
import { plainLine } from '../print/plain.ts';
import { startLine, timelineColumns, waitColumns } from '../print/why-columns.ts';
import { explain, type Explanation } from '../why/explain.ts';
import { gather, type Gathered } from '../why/gather.ts';

const BAR_COLUMNS = 24;

function print(
  out: Output,
  { history: { job, timeline } }: Gathered,
  { cause, waits, expected_start: start }: Explanation,
): void {
  const { title, company, status, job_id: id } = job.row;
  out.lines(`${out.paint.bold(plainLine(title))} at ${plainLine(company)}`, `${id}  ${status}`, '', plainLine(cause));
  if (start !== null) out.lines(startLine(start, moment));
  if (waits.length > 0) {
    out.lines('');
    out.table(waits, waitColumns(waits, moment, BAR_COLUMNS));
  }
  out.lines('');
  out.table(
    timeline,
    timelineColumns((at) => at),
  );
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
