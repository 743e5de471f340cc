// rebuild: Redis from Postgres, now. The reconciler of any living worker does the same by itself.
import { RECORD_AND_REDIS, type Command } from '../command.ts';
import { withProgress } from '../long-work.ts';

export const rebuildCommand: Command = {
  syntax: 'rebuild',
  describe: 'build the queue in Redis anew from Postgres',
  examples: [['$0 rebuild', 'after Redis was emptied and no worker lives']],
  prepare: () => ({
    needs: RECORD_AND_REDIS,
    heedsShutdown: true,
    run: async (setting) => {
      const { open, out, by } = setting;
      const answer = await withProgress(setting, 'rebuilding', (work) => open.queue.rebuild({ ...work, by }));
      if (out.json) return out.document(answer);
      const { dispatched, dropped, dead_letters: dead } = answer;
      if (dispatched + dropped + dead === 0) return out.lines('Redis held all that it should; nothing was changed.');
      out.lines(
        `Rebuilt: ${String(dispatched)} delivered, ${String(dropped)} dropped, ${String(dead)} dead letters added.`,
      );
    },
  }),
};
