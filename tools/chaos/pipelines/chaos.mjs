// The pipeline that the chaos command runs: four stages which note every run in a ledger that only grows, and misbehave where
// the plan's file of acts says so. A run's nonce goes into the ledger, its output and its document, so that the judge can
// tell whose run is on record. It knows nothing of the system but the contract.
import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const { CHAOS_LEDGER, CHAOS_ACTS, CHAOS_STAGE_MS, WORKER_NAME } = process.env;
const acts = new Map(JSON.parse(readFileSync(CHAOS_ACTS, 'utf8')));

/** One line, short enough to be appended in one write. */
function note(what, stage, { job, attempt, effectKey }, nonce) {
  const line = { what, job: job.id, stage, attempt, worker: WORKER_NAME, key: effectKey, nonce, at: Date.now() };
  appendFileSync(CHAOS_LEDGER, `${JSON.stringify(line)}\n`);
}

/** Its message quotes the posting, as messages do: it may be on record, and nowhere else. */
const named = ({ job }, name, more) =>
  Object.assign(new Error(`asked for by the plan, for ${job.title}: ${name}`), { name, ...more });

const ACTS = {
  fail: (context) => {
    throw named(context, 'ChaosError');
  },
  permanent: (context) => {
    throw named(context, 'PermanentError');
  },
  retry_after: (context) => {
    throw named(context, 'RetryAfterError', { seconds: 0.3 });
  },
  hang: () => new Promise(() => setTimeout(() => undefined, 600_000)),
  spin: () => {
    for (;;);
  },
  eat: () => {
    const all = [];
    for (;;) all.push(new Array(1_000_000).fill(all.length));
  },
  exit: () => process.exit(3),
  crash: () => process.kill(process.pid, 'SIGKILL'),
};

const TIMEOUT_SECONDS = 1;

function stage(name, work, more = {}) {
  const run = async (context) => {
    const nonce = randomUUID();
    note('start', name, context, nonce);
    const answer = await work(context, nonce);
    const meant = acts.get(context.job.id);
    if (meant?.stage === name && context.attempt <= meant.attempts) {
      note(meant.act, name, context, nonce);
      await ACTS[meant.act](context);
    }
    note('end', name, context, nonce);
    return { nonce, saw: Object.values(context.outputs).map((output) => output.nonce), ...answer };
  };
  return { name, run, ...more };
}

const work = ({ signal }) => pause(Number(CHAOS_STAGE_MS) * (0.5 + Math.random()), {}, { signal });

export default [
  stage('fetch', work),
  stage('trial', () => ({}), { timeoutSeconds: TIMEOUT_SECONDS }),
  stage('write', async (context, nonce) => {
    await work(context);
    return { path: await context.files.write('note.txt', nonce) };
  }),
  stage('finish', work),
];
