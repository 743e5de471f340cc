// pause and resume: workers take nothing new, or go on; what is in hand is finished. It is kept in Postgres. Needs Redis too:
// with it away nothing is changed.
import { RECORD_AND_REDIS, type Command } from '../command.ts';

export const pauseCommand: Command = {
  syntax: 'pause',
  describe: 'workers finish what they have and take nothing new',
  examples: [['$0 pause', 'until `resume`, also over restarts']],
  prepare: () => ({
    needs: RECORD_AND_REDIS,
    run: async ({ open, out, by }) => {
      const answer = await open.queue.pause(by);
      if (out.json) return out.document(answer);
      out.lines('Paused: jobs in hand are finished, nothing new is taken. `monitor-cli resume` ends it.');
    },
  }),
};

export const resumeCommand: Command = {
  syntax: 'resume',
  describe: 'workers go on after a pause',
  examples: [['$0 resume', 'workers take jobs again']],
  prepare: () => ({
    needs: RECORD_AND_REDIS,
    run: async ({ open, out, by }) => {
      const answer = await open.queue.resume(by);
      if (out.json) return out.document(answer);
      out.lines('Resumed: workers take jobs again.');
    },
  }),
};
