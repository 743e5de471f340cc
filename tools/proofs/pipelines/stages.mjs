// STAGES stages (default 1), each of which takes STAGE_MS (default 0), fails with FAIL_PERCENT (by job and attempt, so that the same
// job may succeed later) in one of 256 different ways, and writes one line into LEDGER, where that is set, when it has ended.
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const { STAGES = '1', STAGE_MS = '0', FAIL_PERCENT = '0', LEDGER } = process.env;

const LETTERS = 'abcdefghijklmnop';

/** Of an unlucky attempt, the way in which it fails. */
function bad(jobId, attempt) {
  const [luck, way] = createHash('sha256').update(`${jobId}${attempt}`).digest();
  return luck * 100 < Number(FAIL_PERCENT) * 256 ? `${LETTERS[way >> 4]}${LETTERS[way & 15]}` : undefined;
}

async function run(stage, { job, attempt, signal }) {
  if (Number(STAGE_MS) > 0) await pause(Number(STAGE_MS), undefined, { signal });
  const way = bad(job.id, attempt);
  if (way !== undefined) throw new Error(`an unlucky attempt, ${way}`);
  if (LEDGER) appendFileSync(LEDGER, `${job.id} ${stage} ${attempt}\n`);
  return null;
}

export default Array.from({ length: Number(STAGES) }, (_, n) => ({
  name: `stage${n + 1}`,
  run: (context) => run(`stage${n + 1}`, context),
}));
