/** The seed's targets, and one round trip to Postgres for an enqueue, a claim and a settle, as seen on the wire. */
import { expect, test } from 'vitest';
import { readEnvironment, silentLogger } from '@jobhive/config';
import { openQueue, requireServices } from '@jobhive/queue';
import { postings } from '../src/postings.ts';
import { countRoundTrips } from '../src/round-trips.ts';
import { withSystem } from '../src/system.ts';

const ENQUEUE_MS_MAX = 100;
const PICKUP_MS_MAX = 1_000;
const JOBS = 20;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

test('enqueue answers in less than 100 ms, an idle worker picks up in less than 1 s, each step is one round trip', () =>
  withSystem({ pipeline: 'steady', env: { STAGE_MS: '1' } }, async (system) => {
    const trips = await countRoundTrips(system.database.url);
    const workerTrips = await countRoundTrips(system.database.url);
    const through = (port: number): string =>
      Object.assign(new URL(system.database.url), { host: `127.0.0.1:${String(port)}` }).href;
    const ids = await system.discover(postings(JOBS + 1));
    const worker = await system.worker('idle', [], { DATABASE_URL: through(workerTrips.port) });
    const env = { REDIS_URL: system.redis.url, DATABASE_URL: through(trips.port) };
    const open = openQueue({ environment: readEnvironment(env), log: silentLogger, role: 'producer' });
    try {
      await requireServices(open, { redis: true, postgres: true, migrated: true });
      const [first = '', ...rest] = ids;
      await open.queue.enqueueJob(first); // the first one dials
      await system.record.untilStatus([first], 'processed');
      trips.take();
      workerTrips.take();
      const tookMs: number[] = [];
      for (const jobId of rest) {
        const fromMs = performance.now();
        const { dispatched } = await open.queue.enqueueJob(jobId);
        tookMs.push(performance.now() - fromMs);
        expect(dispatched).toBe(true);
        await system.record.untilStatus([jobId], 'processed');
      }
      const pickedMs: number[] = [];
      for (const jobId of rest) {
        const events = await system.record.events(jobId);
        const at = (name: string): number => Number(events.find(({ event }) => event === name)?.at);
        pickedMs.push(at('claimed') - at('queued'));
      }
      console.info(
        `enqueue: median ${median(tookMs).toFixed(1)} ms; pick-up: median ${median(pickedMs).toFixed(1)} ms, of ${String(JOBS)}`,
      );
      expect(median(tookMs)).toBeLessThan(ENQUEUE_MS_MAX);
      expect(median(pickedMs)).toBeLessThan(PICKUP_MS_MAX);
      expect(trips.take()).toEqual(rest.map(() => 'enqueue_within'));
      const worked = workerTrips.take();
      const count = (name: string): number => worked.filter((trip) => trip === name).length;
      const twice =
        [worker.stdout(), worker.stderr()].join('').match(/.*(job\.not_claimed|reconciler\.repaired).*/g) ?? [];
      expect(
        { claim: count('claim'), settle: count('settle'), checkpoint: count('checkpoint') },
        twice.join('\n'),
      ).toEqual({
        claim: JOBS,
        settle: JOBS,
        checkpoint: 0,
      });
    } finally {
      await open.stop();
      await system.stop();
      await Promise.all([trips.close(), workerTrips.close()]);
    }
  }));
