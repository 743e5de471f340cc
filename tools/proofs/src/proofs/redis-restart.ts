/** Redis is killed and started again under load: soon after its return the rate is what it was before. */
import { waitFor } from '@jobhive/test-kit';
import { settledInHands, waitForAgreement } from '../agreement.ts';
import type { Proof } from '../proof.ts';
import { afterSeconds, now, processed, rateBetween } from '../rate.ts';

const WINDOW_SECONDS = 1;
const WINDOWS_MAX = 20;

export const redisRestart: Proof = {
  name: 'redis-restart',
  title: 'Redis killed and started again under load',
  options: { env: { STAGE_MS: '20' }, appendonly: true },
  run: async ({ bench, short, say }) => {
    const measureSeconds = short ? 3 : 10;
    say('enqueuing');
    await bench.enqueue(short ? 5_000 : 20_000);
    const workers = await Promise.all([1, 2, 3].map((n) => bench.worker(`w${String(n)}`, ['--concurrency', '2'])));
    await waitFor('work is under way', async () => (await processed(bench)) >= 200, { timeoutMs: 60_000 });
    const from = await now(bench);
    const before = await rateBetween(bench, from, await afterSeconds(bench, from, measureSeconds));
    say(`${before.toFixed(0)} jobs a second; killing Redis`);
    await bench.redis.server.kill();
    const killed = performance.now();
    await bench.redis.server.restart();
    const awayMs = performance.now() - killed;
    const back = await now(bench);
    let start = back;
    let rate = 0;
    let seconds = Infinity;
    for (let window = 0; window < WINDOWS_MAX && seconds === Infinity; window += 1) {
      const end = await afterSeconds(bench, start, WINDOW_SECONDS);
      rate = await rateBetween(bench, start, end);
      if (rate >= 0.95 * before) seconds = (start.getTime() - back.getTime()) / 1000;
      start = end;
    }
    const spent = await bench.value<number>(
      `SELECT count(*)::int FROM job_events WHERE event = 'claimed' AND attempt > 1`,
    );
    // Redis may have lost acknowledgements with its last moment: it takes a living worker to see that.
    await waitFor('what is settled is out of hands', async () => (await settledInHands(bench)).length === 0, {
      timeoutMs: 30_000,
    });
    await Promise.all(workers.map((worker) => worker.stop(40_000)));
    await waitForAgreement(bench);
    return [
      { name: 'rate before', value: before, unit: 'jobs/s' },
      { name: 'Redis away', value: awayMs, unit: 'ms' },
      { name: '95 % of the rate again after', value: seconds, unit: 's', most: 5 },
      { name: 'rate then', value: rate, unit: 'jobs/s' },
      { name: 'attempts spent', value: spent, unit: 'attempts', most: 0 },
    ];
  },
};
