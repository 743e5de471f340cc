/**
 * FLUSHALL while many jobs wait and workers are at work: the next pick-up comes soon, all ids come back, and the line is the
 * same to the id.
 */
import { waitFor } from '@jobhive/test-kit';
import { disagreements, firstDifference, lineInPostgres, lineInRedis, waitForAgreement } from '../agreement.ts';
import type { Proof } from '../proof.ts';
import { afterSeconds, inversions, longestPauseMs, now, processed } from '../rate.ts';

const WORKERS = 3;

export const flushall: Proof = {
  name: 'flushall',
  title: 'FLUSHALL with 100,000 waiting and three workers at work',
  options: { env: { STAGE_MS: '20' } },
  run: async ({ bench, short, say }) => {
    const jobs = short ? 5_000 : 100_000;
    say(`enqueuing ${String(jobs)} jobs`);
    await bench.enqueue(jobs);
    const workers = await Promise.all(Array.from({ length: WORKERS }, (_, n) => bench.worker(`w${String(n)}`)));
    await waitFor('work is under way', async () => (await processed(bench)) >= 100, { timeoutMs: 60_000 });
    await waitFor('all stand in line', () => bench.redis.client.exists('jobhive:whole'), { timeoutMs: 120_000 });
    say('FLUSHALL');
    const flushedAt = await now(bench);
    const started = performance.now();
    await bench.redis.client.flushall();
    await waitFor('Redis is whole again', async () => await bench.redis.client.exists('jobhive:whole'), {
      timeoutMs: 120_000,
    });
    const backMs = performance.now() - started;
    const until = await afterSeconds(bench, flushedAt, short ? 5 : 15);
    const pauseMs = await longestPauseMs(bench, flushedAt, until);
    const passed = await inversions(bench, WORKERS);
    await Promise.all(workers.map((worker) => worker.stop(40_000)));
    await waitForAgreement(bench);
    const place = firstDifference(await lineInRedis(bench), await lineInPostgres(bench));
    return [
      { name: 'waiting', value: jobs, unit: 'jobs' },
      { name: 'longest time without a pick-up', value: pauseMs, unit: 'ms', most: 2_000 },
      { name: 'all back after', value: backMs, unit: 'ms', most: 30_000 },
      { name: 'first difference in the order', value: place, unit: 'place (-1: none)', most: -1 },
      { name: 'first deliveries that passed another', value: passed, unit: 'jobs' },
      { name: 'disagreements of the stores', value: (await disagreements(bench)).length, unit: '', most: 0 },
    ];
  },
};
