/** Contract, "Ends" and "--burst" of the worker, and what a worker's death costs. */
import { expect, test } from 'vitest';
import { waitFor } from '@jobhive/test-kit';
import { errorLines } from '../src/log-records.ts';
import { postings } from '../src/postings.ts';
import { withSystem } from '../src/system.ts';

test('--burst works off what waits, leaves what is delayed for a retry, and ends with 0', () =>
  withSystem({ pipeline: 'by-title', env: { RQ_RETRY_DELAYS: '60' } }, async (system) => {
    const ids = await system.discover([
      { external_id: 1, title: 'throws a string', company: 'c' },
      { external_id: 2, title: 'fine', company: 'c' },
      { external_id: 3, title: 'fine', company: 'c' },
    ]);
    await system.monitor('enqueue', ...ids);
    const { code, stdout, stderr } = await system.run('worker', ['--burst', '--concurrency', '2']);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe('');
    expect(await system.record.statuses(ids)).toEqual(['queued', 'processed', 'processed']);
    expect(await system.record.row(ids[0] ?? '')).toMatchObject({
      attempt: 1,
      error_info: { message: 'just words', previous: [] },
    });
  }));

test('SIGINT ends an idle worker with 0; a second signal within a second does nothing more', () =>
  withSystem({}, async (system) => {
    const worker = await system.worker('idle');
    worker.signal('SIGINT');
    worker.signal('SIGINT');
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(errorLines(worker.stderr())).toEqual([]);
    expect(await system.monitor('workers')).toEqual([]);
  }));

test('a second signal a second later forces the end: what was in hand is taken up again, after its lease', () =>
  withSystem({ pipeline: 'gated', env: { WORKER_LEASE: '3' } }, async (system) => {
    const { record } = system;
    const [jobId = ''] = await system.discover(postings(1));
    await system.monitor('enqueue', jobId);
    const worker = await system.worker('forced');
    await record.untilEvent(jobId, 'stage_finished');
    const fromMs = performance.now();
    worker.signal('SIGTERM');
    await worker.waitForLine(/worker stopping/);
    await waitFor('a second and more to pass', () => performance.now() - fromMs > 1_300);
    worker.signal('SIGTERM');
    expect(await worker.exited).toEqual({ code: 1, signal: null });
    expect(errorLines(worker.stderr())).toEqual([expect.stringMatching(/ended at once by a second SIGTERM/)]);
    await system.openGate();
    await system.worker('successor');
    await record.untilStatus([jobId], 'processed');
  }));

test('a worker killed in mid-job: claimed again within lease + 2 s, the attempt spent, the error kept on record', () =>
  withSystem({ pipeline: 'gated', env: { WORKER_LEASE: '3', RQ_MAX_RETRIES: '1' } }, async (system) => {
    const { record } = system;
    const [jobId = ''] = await system.discover(postings(1));
    const victim = await system.worker('victim');
    await system.monitor('enqueue', jobId);
    await record.untilEvent(jobId, 'stage_finished');
    const second = await system.worker('second');
    await waitFor('the lease to be told the stage', async () => {
      const { rows } = await system.database.client.query('SELECT FROM application_tracking WHERE current_stage = $1', [
        'second',
      ]);
      return rows.length === 1;
    });
    const { rows } = await system.database.client.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    victim.signal('SIGKILL');
    const claims = await record.untilEvent(jobId, 'claimed', 2);
    expect(Number(claims[1]?.at) - Number(rows[0]?.now)).toBeLessThan(5_000);
    expect(claims[1]).toMatchObject({ attempt: 2, worker_name: 'second' });
    expect((await record.events(jobId)).find(({ event }) => event === 'worker_lost')).toMatchObject({
      attempt: 1,
      worker_name: 'victim',
    });
    expect((await record.row(jobId)).error_info).toMatchObject({
      reason: 'worker lost',
      stage: 'second',
      attempt: 1,
      worker_name: 'victim',
      previous: [],
    });

    // the last attempt is lost as well: it ends in the dead-letter queue, with that as its reason
    const third = await system.worker('third');
    second.signal('SIGKILL');
    await record.untilStatus([jobId], 'failed');
    expect(await record.row(jobId)).toMatchObject({
      attempt: 2,
      error_info: {
        reason: 'worker lost',
        attempt: 2,
        worker_name: 'second',
        previous: [{ reason: 'worker lost', attempt: 1 }],
      },
    });
    await waitFor('the dead letter', async () => (await system.redis.client.zscore('failed_jobs', jobId)) !== null);
    expect((await system.ledger()).map(({ stage }) => stage)).toEqual(['first', 'second', 'second']);

    await system.monitor('retry', '--job-id', jobId);
    await system.openGate();
    await record.untilStatus([jobId], 'processed');
    expect(await record.row(jobId)).toMatchObject({ attempt: 1, error_info: null });
    await third.stop();
  }));

test('Redis emptied in the middle of the work loses no job and doubles none', () =>
  withSystem({ pipeline: 'steady', env: { STAGE_MS: '100' } }, async (system) => {
    const ids = await system.discover(postings(20));
    await system.worker('steady-one');
    await system.worker('steady-two');
    await system.monitor('enqueue', '--discovered');
    await system.record.untilEvent(ids[3] ?? '', 'claimed');
    await system.redis.client.flushall();
    await system.record.untilStatus(ids, 'processed', 40_000);
    expect((await system.ledger()).map(({ job_id }) => job_id).sort()).toEqual([...ids].sort());
  }));
