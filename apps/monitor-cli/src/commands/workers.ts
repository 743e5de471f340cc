// workers: who lives, with what in hand. Needs Redis too: heartbeats stand there.
import { RECORD_AND_REDIS, type Command, type Setting } from '../command.ts';
import { workerColumns } from '../print/worker-columns.ts';

async function run({ open, out, clock }: Setting): Promise<void> {
  const workers = await open.queue.workers();
  if (out.json) return out.document(workers);
  if (workers.length === 0) return out.lines('No worker is alive. Start one with `worker`, or `nx serve worker`.');
  out.table(workers, workerColumns(clock.now()));
}

export const workersCommand: Command = {
  syntax: 'workers',
  describe: 'who lives, with what in hand',
  examples: [
    ['$0 workers', 'a table'],
    ["$0 workers --json | jq '.[].name'", 'their names'],
  ],
  prepare: () => ({ needs: RECORD_AND_REDIS, run }),
};
