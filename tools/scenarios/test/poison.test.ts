/** A job that kills the process it runs in fails by itself: those that ran beside it lose one attempt by it, and no second. */
import { waitFor } from '@jobhive/test-kit';
import { expect, test } from 'vitest';
import { posting } from '../src/postings.ts';
import { withSystem, type System } from '../src/system.ts';

/** A worker that is started again whenever it ends, as a supervisor does. @returns what ends it for good */
function keepRunning(system: System): () => Promise<void> {
  let over = false;
  const start = () => system.start('worker', ['--name', 'phoenix', '--concurrency', '3']);
  let worker = start();
  const ended = (async () => {
    for (;;) {
      await worker.exited;
      if (over) return;
      worker = start();
    }
  })();
  return async () => {
    over = true;
    worker.signal('SIGTERM');
    await ended;
  };
}

test('a job that kills its worker ends as failed, and its neighbours as processed', () =>
  withSystem(
    { pipeline: 'poison', env: { RQ_MAX_RETRIES: '1', WORKER_LEASE: '4', SHUTDOWN_GRACE: '0' } },
    async (system) => {
      const { record } = system;
      const [crash = '', ...neighbours] = await system.discover([
        posting(1, { title: 'crash' }),
        posting(2),
        posting(3),
      ]);
      await system.monitor('enqueue', crash, ...neighbours);
      const stop = keepRunning(system);
      try {
        await waitFor('all three to run', async () => (await system.ledger()).length === 3, { timeoutMs: 30_000 });
        await system.openGate('armed');
        await record.untilStatus([crash], 'failed', 60_000);
        await waitFor('a neighbour to run again', async () => (await system.ledger()).length === 5, {
          timeoutMs: 60_000,
        });
        expect((await record.statuses(neighbours)).toSorted()).toEqual(['processing', 'queued']);
        await system.openGate();
        await record.untilStatus(neighbours, 'processed', 60_000);
      } finally {
        await stop();
      }

      expect(await record.row(crash)).toMatchObject({ attempt: 2, error_info: { reason: 'worker lost' } });
      for (const neighbour of neighbours) {
        expect((await record.story(neighbour)).filter((event) => event === 'worker_lost')).toHaveLength(1);
        expect(await record.row(neighbour)).toMatchObject({ attempt: 2, error_info: null });
      }
      const ledger = await system.ledger();
      const last = ledger.find(({ job_id, attempt }) => job_id === crash && attempt === 2);
      expect(ledger.filter(({ pid }) => pid === last?.pid)).toEqual([last]);
      const [, second] = (await record.eventsNamed('claimed')).filter(
        ({ attempt, job_id }) => attempt === 2 && job_id !== crash,
      );
      const [first] = await record.eventsNamed('processed');
      expect(second?.at.getTime()).toBeGreaterThanOrEqual(first?.at.getTime() ?? Infinity);
    },
  ));
