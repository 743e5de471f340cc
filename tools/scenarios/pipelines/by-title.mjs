// One stage whose behaviour is named by the job's title, so that one worker can be taken through all of them.
import { setTimeout as pause } from 'node:timers/promises';
import { note, runsOf } from './ledger.mjs';

const named = (name, message, more = {}) => Object.assign(new Error(message), { name, ...more });

const ACTS = {
  fine: () => ({ fine: true }),
  undefined: () => undefined,
  permanent: () => {
    throw named('PermanentError', 'the posting is gone');
  },
  'retry after': ({ attempt, job }) => {
    if (runsOf(job.id) > 2) return { attempt };
    throw named('RetryAfterError', 'asked too often', { seconds: 0.2 });
  },
  'retry after nothing': () => {
    throw named('RetryAfterError', 'does not say when', { seconds: 'soon' });
  },
  'no json': () => ({ big: 1n }),
  'too large': () => 'x'.repeat(1_100_000),
  'bad name': ({ files }) => files.write('../escape.md', 'no'),
  'writes a file': async ({ files }) => ({ path: await files.write('letter.md', 'Dear reader\n') }),
  exit: () => process.exit(3),
  heap: () => {
    const all = [];
    for (;;) all.push(new Array(100_000).fill(all.length));
  },
  'throws a string': () => {
    throw 'just words';
  },
  'throws undefined': () => {
    throw undefined;
  },
  nul: () => ({ text: 'a\u0000b\ud800c' }),
  'process id': () => ({ pid: process.pid }),
  sees: ({ job, outputs, effectKey, attempt }) => ({ job, outputs, effectKey, attempt }),
  logs: async ({ log, progress }) => {
    log.info('a word from the stage', { figure: 7 });
    progress(0.25, 'a quarter');
    await pause(20);
    return null;
  },
};

export default [
  {
    name: 'act',
    run: (context) => {
      note('act', context);
      return ACTS[context.job.title](context);
    },
  },
];
