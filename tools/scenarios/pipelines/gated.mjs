// A first stage that is done at once, and a second that waits for the gate.
import { note, through } from './ledger.mjs';

export default [
  {
    name: 'first',
    run: (context) => {
      note('first', context);
      return { from: 'first', attempt: context.attempt };
    },
  },
  {
    name: 'second',
    run: async (context) => {
      note('second', context);
      context.progress(0.5, 'before the gate');
      await through('gate', context.signal);
      return { saw: context.outputs.first };
    },
  },
];
