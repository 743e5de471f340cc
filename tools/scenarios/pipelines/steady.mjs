// One stage that takes STAGE_MS, 200 ms by default.
import { setTimeout as pause } from 'node:timers/promises';
import { note } from './ledger.mjs';

export default [
  {
    name: 'work',
    run: async (context) => {
      note('work', context);
      await pause(Number(process.env.STAGE_MS ?? 200), undefined, { signal: context.signal });
      return { worked: true };
    },
  },
];
