// A first stage that is done, and a second that always throws, until the test opens the gate `mended`.
import { isOpen, note } from './ledger.mjs';

export default [
  { name: 'prepare', run: (context) => note('prepare', context) },
  {
    name: 'break',
    run: (context) => {
      note('break', context);
      if (isOpen('mended')) return { mended: true };
      throw new TypeError(`cannot read job ${context.job.id} in attempt ${String(context.attempt)}`);
    },
  },
];
