// One stage that waits for the gate; of a job named `crash` it waits to be armed, and ends the whole process.
import { note, through } from './ledger.mjs';

export default [
  {
    name: 'work',
    run: async (context) => {
      note('work', context);
      if (context.job.title !== 'crash') return through('gate', context.signal);
      await through('armed', context.signal);
      process.kill(process.pid, 'SIGKILL');
    },
  },
];
