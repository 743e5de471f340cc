/**
 * Thousands of operators' calls by concurrent callers, seeded, while two workers work: what may be refused is refused in a
 * known way, and afterwards both stores agree and every job's history says how it came to where it is.
 */
import { JobNotFoundError, WrongStatusError } from '@jobhive/db';
import { waitFor } from '@jobhive/test-kit';
import { disagreements, isQuiet, waitForAgreement } from '../agreement.ts';
import type { Bench } from '../bench.ts';
import { historyViolations } from '../history.ts';
import type { Proof } from '../proof.ts';
import { createRandom, type Random } from '../random.ts';

const CALLERS = 8;
const JOBS = 400;
type Call = (bench: Bench, ids: readonly string[], random: Random) => Promise<unknown>;

const BY = 'fuzz';
const CALLS: readonly (readonly [weight: number, name: string, call: Call])[] = [
  [40, 'enqueue', ({ open }, ids, random) => open.queue.enqueueJobs(random.some(ids, 1 + random.below(5)))],
  [25, 'cancel', ({ open }, ids, random) => open.queue.cancel(random.pick(ids), BY)],
  [15, 'retry', ({ open }, ids, random) => open.queue.retry({ jobId: random.pick(ids) }, { by: BY })],
  [3, 'retry all', ({ open }) => open.queue.retry({ all: true }, { by: BY })],
  [8, 'discard', ({ open }, ids, random) => open.queue.discard(random.pick(ids), BY)],
  [3, 'clear', ({ open }) => open.queue.clear(BY)],
  [3, 'pause', ({ open }) => open.queue.pause(BY)],
  [3, 'resume', ({ open }) => open.queue.resume(BY)],
];

export const fuzz: Proof = {
  name: 'fuzz',
  title: '10,000 calls by 8 concurrent callers beside two workers',
  options: { env: { STAGE_MS: '2', FAIL_PERCENT: '30', RQ_RETRY_DELAYS: '0', RQ_MAX_RETRIES: '2' } },
  run: async ({ bench, short, seed, say }) => {
    const calls = short ? 1_000 : 10_000;
    const ids = await bench.discover(JOBS);
    const workers = await Promise.all([1, 2].map((n) => bench.worker(`w${String(n)}`, ['--concurrency', '2'])));
    const made = new Map<string, number>();
    let refused = 0;
    const caller = async (random: Random): Promise<void> => {
      for (let n = 0; n < calls / CALLERS; n += 1) {
        const [, name, call] = random.weighted(CALLS);
        made.set(name, (made.get(name) ?? 0) + 1);
        try {
          await call(bench, ids, random);
        } catch (error) {
          // What a caller may be told when another was quicker.
          if (!(error instanceof WrongStatusError) && !(error instanceof JobNotFoundError)) throw error;
          refused += 1;
        }
      }
    };
    say(`${String(calls)} calls, seed ${String(seed)}`);
    await Promise.all(Array.from({ length: CALLERS }, (_, n) => caller(createRandom(seed * 1_000 + n))));
    say([...made].map(([name, count]) => `${name} ${String(count)}`).join(', '));
    await bench.open.queue.resume(BY);
    await waitFor('nothing is under way', () => isQuiet(bench), { timeoutMs: 60_000, intervalMs: 50 });
    await waitForAgreement(bench);
    await Promise.all(workers.map((worker) => worker.stop(40_000)));
    const violations = await historyViolations(bench);
    for (const violation of violations.slice(0, 5)) say(violation);
    return [
      { name: 'calls', value: calls, unit: '' },
      { name: 'refused', value: refused, unit: 'calls' },
      { name: 'disagreements of the stores', value: (await disagreements(bench)).length, unit: '', most: 0 },
      { name: 'histories that cannot be', value: violations.length, unit: '', most: 0 },
    ];
  },
};
