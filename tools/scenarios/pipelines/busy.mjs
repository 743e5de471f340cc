// One stage that computes for BUSY_SECONDS without a pause, and listens to nothing.
import { note } from './ledger.mjs';

export default [
  {
    name: 'compute',
    run: (context) => {
      note('compute', context);
      const until = Date.now() + 1000 * Number(process.env.BUSY_SECONDS);
      while (Date.now() < until);
      return { computed: true };
    },
  },
];
