// Three quick stages that tell their progress. Two companies fail in the second one, each in its own way, until the test opens the
// gate `mended`; Hooli's never gets well.
import { setTimeout as pause } from 'node:timers/promises';
import { isOpen } from './ledger.mjs';

const STAGE_MS = Number(process.env.STAGE_MS ?? 15);

async function work({ progress, signal }, text) {
  progress(0.3, text);
  await pause(STAGE_MS, undefined, { signal });
  progress(0.9, text);
}

function judge({ company, id }) {
  if (company === 'Hooli')
    throw Object.assign(new Error(`the posting of job ${id} is gone`), { name: 'PermanentError' });
  if (company === 'Initech' && !isOpen('mended')) throw new TypeError(`cannot read the salary of job ${id}`);
}

export default [
  {
    name: 'requirements',
    run: async (context) => {
      await work(context, 'reading the posting');
      return { skills: ['typescript', 'postgres'], years: 4, remote: context.job.location === 'Remote' };
    },
  },
  {
    name: 'match',
    run: async (context) => {
      await work(context, 'comparing with the profile');
      judge(context.job);
      return { score: 0.82, missing: ['kubernetes'] };
    },
  },
  {
    name: 'letter',
    run: async (context) => {
      await work(context, 'writing');
      return { words: 312, language: 'en' };
    },
  },
];
