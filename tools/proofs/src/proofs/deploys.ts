/**
 * A deploy that never ends: every few seconds each worker is replaced, its successor started first, as a rolling deploy does.
 * Jobs last longer than the grace, so that many are given back half done. No attempt is spent, no stage that ended runs
 * twice, and the work goes on nearly as fast.
 */
import { readFile } from 'node:fs/promises';
import type { StartedProgram } from '@jobhive/test-kit';
import { waitFor } from '@jobhive/test-kit';
import { waitForAgreement } from '../agreement.ts';
import type { Bench } from '../bench.ts';
import type { Proof } from '../proof.ts';
import { afterSeconds, now, processed, rateBetween } from '../rate.ts';

const WORKERS = 3;
const EVERY_SECONDS = 10;
/** More than the fleet does. */
const JOBS_A_SECOND = 5;

export const deploys: Proof = {
  name: 'deploys',
  title: 'all workers replaced, one deploy every 10 s, under load',
  options: { env: { STAGES: '3', STAGE_MS: '600', SHUTDOWN_GRACE: '1' } },
  run: async ({ bench, short, say }) => {
    const rounds = short ? 2 : 50;
    const baseSeconds = short ? 5 : 30;
    await bench.enqueue(Math.ceil(JOBS_A_SECOND * (baseSeconds + rounds * EVERY_SECONDS)));
    let fleet = await startFleet(bench, 0);
    await waitFor('work is under way', async () => (await processed(bench)) >= 10, { timeoutMs: 60_000 });
    const from = await now(bench);
    const before = await rateBetween(bench, from, await afterSeconds(bench, from, baseSeconds));
    const first = await now(bench);
    let at = first;
    for (let round = 1; round <= rounds; round += 1) {
      say(`deploy ${String(round)} of ${String(rounds)}`);
      fleet = await replace(bench, fleet, round);
      at = await afterSeconds(bench, first, round * EVERY_SECONDS);
    }
    const during = await rateBetween(bench, first, at);
    await Promise.all(fleet.map((worker) => worker.stop(40_000)));
    await waitForAgreement(bench);
    const spent = await bench.value<number>(
      `SELECT count(*)::int FROM job_events WHERE event = 'claimed' AND attempt > 1`,
    );
    const lost = await bench.value<number>(`SELECT count(*)::int FROM job_events WHERE event = 'worker_lost'`);
    const back = await bench.value<number>(`SELECT count(*)::int FROM job_events WHERE event = 'given_back'`);
    return [
      { name: 'deploys', value: rounds, unit: '' },
      { name: 'rate without deploys', value: before, unit: 'jobs/s' },
      { name: 'rate during them', value: during, unit: 'jobs/s' },
      { name: 'share of the rate', value: (100 * during) / before, unit: '%', least: 90 },
      { name: 'jobs given back', value: back, unit: 'jobs', least: rounds },
      { name: 'attempts spent', value: spent, unit: 'attempts', most: 0 },
      { name: 'jobs lost with a worker', value: lost, unit: 'jobs', most: 0 },
      { name: 'stages run again that had ended', value: await doubled(bench.ledger), unit: 'stages', most: 0 },
    ];
  },
};

function startFleet(bench: Bench, round: number): Promise<StartedProgram[]> {
  return Promise.all(Array.from({ length: WORKERS }, (_, n) => startOne(bench, n, round)));
}

function startOne(bench: Bench, n: number, round: number): Promise<StartedProgram> {
  return bench.worker(`w${String(n)}-${String(round)}`, ['--concurrency', '2']);
}

async function replace(bench: Bench, fleet: readonly StartedProgram[], round: number): Promise<StartedProgram[]> {
  const next: StartedProgram[] = [];
  for (const [n, old] of fleet.entries()) {
    next.push(await startOne(bench, n, round));
    const { code } = await old.stop(40_000);
    if (code !== 0) throw new Error(`a worker ended with ${String(code)}: ${old.stderr().slice(-2_000)}`);
  }
  return next;
}

/** Lines of the ledger are written when a stage has ended: two for one stage of one job say that it ran again. */
async function doubled(ledger: string): Promise<number> {
  const lines = (await readFile(ledger, 'utf8')).trim().split('\n');
  const stages = lines.map((line) => line.split(' ').slice(0, 2).join(' '));
  return stages.length - new Set(stages).size;
}
