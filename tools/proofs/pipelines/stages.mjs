// STAGES stages (default 1), each of which takes STAGE_MS (default 0), fails with FAIL_PERCENT (by job and attempt, so that the same
// job may succeed later), and writes one line into LEDGER, where that is set, when it has ended.
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const { STAGES = '1', STAGE_MS = '0', FAIL_PERCENT = '0', LEDGER } = process.env;

function unlucky(jobId, attempt) {
  return createHash('sha256').update(`${jobId}${attempt}`).digest()[0] * 100 < Number(FAIL_PERCENT) * 256;
}

async function run(stage, { job, attempt, signal }) {
  if (Number(STAGE_MS) > 0) await pause(Number(STAGE_MS), undefined, { signal });
  if (unlucky(job.id, attempt)) throw new Error('an unlucky attempt');
  if (LEDGER) appendFileSync(LEDGER, `${job.id} ${stage} ${attempt}\n`);
  return null;
}

export default Array.from({ length: Number(STAGES) }, (_, n) => ({
  name: `stage${n + 1}`,
  run: (context) => run(`stage${n + 1}`, context),
}));
