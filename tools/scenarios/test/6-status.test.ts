/** Acceptance 6: five jobs wait: status says so, and follows as workers take them, up to rate and active workers. */
import { expect, test } from 'vitest';
import { waitFor } from '@jobhive/test-kit';
import type { StatusDocument } from '@jobhive/queue';
import { postings } from '../src/postings.ts';
import { withSystem } from '../src/system.ts';

test('status tells depth 5, then less with each worker, then the rate', () =>
  withSystem({ pipeline: 'gated', env: { WORKER_LEASE: '5' } }, async (system) => {
    const status = (): Promise<StatusDocument> => system.monitor('status');
    const ids = await system.discover(postings(5));
    await system.monitor('enqueue', ...ids);
    const waiting = await status();
    expect(waiting).toMatchObject({
      depth: 5,
      delayed: 0,
      processing: 0,
      workers: { active: 0, list: [] },
      rate_per_minute: 0,
    });
    expect(waiting.oldest_waiting_seconds).toBeGreaterThan(0);
    expect(waiting.oldest_waiting_seconds).toBeLessThan(60);

    await system.worker('one');
    await system.record.untilEvent(ids[0] ?? '', 'stage_finished');
    expect(await status()).toMatchObject({ depth: 4, processing: 1, workers: { active: 1 } });

    const two = await system.worker('two', ['--concurrency', '2']);
    await system.record.untilEvent(ids[2] ?? '', 'stage_finished');
    const busy = await waitFor('the heartbeats to tell the stage', async () => {
      const document = await status();
      return document.workers.list.every(({ stage }) => stage === 'second') && document;
    });
    expect(busy).toMatchObject({ depth: 2, processing: 3, workers: { active: 2 }, rate_per_minute: 0 });
    expect(busy.workers.list[0]).toMatchObject({ name: 'one', job_id: ids[0], processed: 0, failed: 0 });
    expect(busy.workers.list[1]).toMatchObject({ name: 'two', job_id: ids[2], pid: two.pid });

    await system.openGate();
    await system.record.untilStatus(ids, 'processed');
    const done = await status();
    expect(done).toMatchObject({ depth: 0, processing: 0, rate_per_minute: 5, oldest_waiting_seconds: null });
    expect(done.execution_ms.count).toBe(5);
    expect(Number(done.execution_ms.p50)).toBeLessThanOrEqual(Number(done.execution_ms.p99));

    await two.stop();
    expect((await status()).workers.active).toBe(1);
  }));

test('a killed worker is active for its lease, and then no longer', () =>
  withSystem({ env: { WORKER_LEASE: '2' } }, async (system) => {
    const worker = await system.worker('victim');
    worker.signal('SIGKILL');
    const seen = await waitFor(
      'no active worker',
      async () => (await system.monitor<StatusDocument>('status')).workers.active === 0,
      { timeoutMs: 8_000 },
    );
    expect(seen).toBe(true);
  }));
