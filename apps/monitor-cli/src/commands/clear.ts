// clear: all that waits, also for a retry's time, back to `discovered` and out of Redis; never what is in processing. Needs
// Redis too, and --confirm.
import { requireConfirm } from '../arguments/confirm.ts';
import { RECORD_AND_REDIS, type Command } from '../command.ts';
import { withProgress } from '../long-work.ts';

export const clearCommand: Command = {
  syntax: 'clear',
  describe: 'empty the queue: waiting jobs back to discovered',
  options: { confirm: { type: 'flag', describe: 'yes, it is meant' } },
  examples: [['$0 clear --confirm', 'jobs in processing are not touched']],
  prepare: (args) => {
    requireConfirm(args, 'clear takes all waiting jobs out of the queue');
    return {
      needs: RECORD_AND_REDIS,
      heedsShutdown: true,
      run: async (setting) => {
        const { open, out, by } = setting;
        const answer = await withProgress(setting, 'clearing', (work) => open.queue.clear(by, work));
        if (out.json) return out.document(answer);
        out.lines(
          answer.cleared === 0 ? 'Nothing was waiting.' : `Cleared: ${String(answer.cleared)} back to discovered.`,
        );
      },
    };
  },
};
