// discard: a failed job out of the dead-letter queue, for good; its history stays. Needs Postgres only, and --confirm.
import { jobId } from '../arguments/job-id.ts';
import { requireConfirm } from '../arguments/confirm.ts';
import { UsageError } from '@jobhive/config';
import { RECORD, type Command } from '../command.ts';

export const discardCommand: Command = {
  syntax: 'discard',
  describe: 'take a job out of the dead-letter queue for good',
  options: {
    'job-id': { type: 'text', describe: 'id of the failed job' },
    confirm: { type: 'flag', describe: 'yes, it is meant' },
  },
  examples: [['$0 discard --job-id JOB_ID --confirm', 'status cancelled, history kept']],
  prepare: (args) => {
    const text = args.text('job-id');
    if (text === undefined) throw new UsageError('--job-id is missing; name the failed job to discard');
    const id = jobId(text);
    requireConfirm(args, 'discard gives a failed job up for good');
    return {
      needs: RECORD,
      run: async ({ open, out, by }) => {
        const answer = await open.queue.discard(id, by);
        if (out.json) return out.document(answer);
        out.lines(`Job ${id} is discarded; its history stays.`);
      },
    };
  },
};
