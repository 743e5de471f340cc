// A stage that writes its document and then waits for the gate, so that it can be ended with the document unfinished; and a
// stage after it.
import { note, through } from './ledger.mjs';

export default [
  {
    name: 'write',
    run: async (context) => {
      note('write', context);
      await context.files.write('letter.md', `attempt ${String(context.attempt)}\n`);
      await through('gate', context.signal);
    },
  },
  { name: 'after', run: (context) => note('after', context) },
];
