// cancel: a job that is queued or in processing. It returns once the order is on record; the work of a running job ends
// within two seconds. Needs Postgres only.
import { jobId } from '../arguments/job-id.ts';
import { RECORD, type Command } from '../command.ts';

export const cancelCommand: Command = {
  syntax: 'cancel <job_id>',
  describe: 'cancel a queued or running job',
  positionals: { job_id: 'id of the job' },
  examples: [['$0 cancel JOB_ID', 'it is never claimed again']],
  prepare: (args) => {
    const id = jobId(args.text('job_id'));
    return {
      needs: RECORD,
      run: async ({ open, out, by }) => {
        const answer = await open.queue.cancel(id, by);
        if (out.json) return out.document(answer);
        const ends =
          answer.status === 'processing' ? 'is to be cancelled; its worker ends it within seconds' : 'is cancelled';
        out.lines(`Job ${id} ${ends}.`);
      },
    };
  },
};
