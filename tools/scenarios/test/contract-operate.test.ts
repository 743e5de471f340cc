/** Contract: cancel, pause and resume, clear, rebuild, discard: what they do to jobs in each place, and what outlives Redis. */
import { expect, test } from 'vitest';
import { waitFor } from '@jobhive/test-kit';
import type { StatusDocument } from '@jobhive/queue';
import { postings } from '../src/postings.ts';
import { withSystem } from '../src/system.ts';
import { expectRefusal } from './refusal.ts';

const WAITING = 'bq:job_processing_queue:waiting';

test('a queued job that is cancelled is never claimed; asked again cancel writes no second event', () =>
  withSystem({ pipeline: 'steady' }, async (system) => {
    const { record } = system;
    const [first = '', second = ''] = await system.discover(postings(2));
    await system.monitor('enqueue', first, second);
    expect(await system.monitor('cancel', first)).toEqual({ job_id: first, status: 'cancelled' });
    expect(await system.monitor('cancel', first)).toEqual({ job_id: first, status: 'cancelled' });
    expect((await system.run('worker', ['--burst'])).code).toBe(0);
    expect(await record.story(first)).toEqual(['discovered', 'queued', 'cancelled']);
    expect(await record.statuses([first, second])).toEqual(['cancelled', 'processed']);
    await expectRefusal(system, {
      app: 'monitor-cli',
      args: ['cancel', second, '--json'],
      code: 1,
      lines: [/is processed/],
    });
  }));

test('a running job that is cancelled ends within 2 s, also one that spins, and is never claimed again', () =>
  withSystem({ pipeline: 'spinning', env: { RQ_RETRY_DELAYS: '0' } }, async (system) => {
    const { record } = system;
    const [spins = '', fine = ''] = await system.discover([
      { external_id: 1, title: 'spin', company: 'c' },
      { external_id: 2, title: 'fine', company: 'c' },
    ]);
    await system.worker('canceller');
    await system.monitor('enqueue', spins);
    await record.untilEvent(spins, 'claimed');
    const { status } = await system.monitor<{ status: string }>('cancel', spins);
    expect(['processing', 'cancelled']).toContain(status);
    await record.untilStatus([spins], 'cancelled');
    const { cancel_requested_at: asked, finished_at: ended } = await record.row(spins);
    expect(Number(ended) - Number(asked)).toBeLessThan(2_000);
    await system.monitor('enqueue', fine);
    await record.untilStatus([fine], 'processed'); // the worker goes on
    expect((await record.story(spins)).at(-1)).toBe('cancelled');
    expect((await system.monitor<StatusDocument>('status')).rate_per_minute).toBe(1);
  }));

test('a job that waits for its retry and is cancelled is not tried again', () =>
  withSystem({ pipeline: 'throwing', env: { RQ_RETRY_DELAYS: '600' } }, async (system) => {
    const [delayed = ''] = await system.discover(postings(1));
    await system.monitor('enqueue', delayed);
    expect((await system.run('worker', ['--burst'])).code).toBe(0);
    expect(await system.monitor<StatusDocument>('status')).toMatchObject({ depth: 0, delayed: 1 });
    expect(await system.monitor('cancel', delayed)).toEqual({ job_id: delayed, status: 'cancelled' });
    expect(await system.monitor<StatusDocument>('status')).toMatchObject({ delayed: 0, counts: { cancelled: 1 } });
    expect(await system.record.row(delayed)).toMatchObject({ status: 'cancelled', next_attempt_at: null });
  }));

test('a cancel survives the death of the worker: the job is not claimed again', () =>
  withSystem({ pipeline: 'gated', env: { WORKER_LEASE: '2' } }, async (system) => {
    const { record } = system;
    const [jobId = ''] = await system.discover(postings(1));
    await system.monitor('enqueue', jobId);
    const victim = await system.worker('victim');
    await record.untilEvent(jobId, 'stage_finished');
    victim.signal('SIGKILL');
    await victim.exited;
    expect(await system.monitor('cancel', jobId)).toEqual({ job_id: jobId, status: 'processing' });
    await system.worker('successor');
    await record.untilStatus([jobId], 'cancelled');
    expect((await record.story(jobId)).filter((event) => event === 'claimed')).toHaveLength(1);
  }));

test('a pause stops the taking, not what is in hand, and outlives a flush of Redis; resume goes on in order', () =>
  withSystem({ pipeline: 'gated' }, async (system) => {
    const { record, redis } = system;
    const ids = await system.discover(postings(4));
    await system.monitor('enqueue', ids[0] ?? '');
    await system.worker('pausing');
    await record.untilEvent(ids[0] ?? '', 'stage_finished');
    expect(await system.monitor('pause')).toEqual({ paused: true });
    await system.monitor('enqueue', ...ids.slice(1));
    await system.openGate();
    await record.untilStatus(ids.slice(0, 1), 'processed');
    await redis.client.flushall();
    await waitFor('the line to be whole again', async () => (await redis.client.llen(WAITING)) === 3);
    expect((await redis.client.lrange(WAITING, 0, -1)).reverse()).toEqual(ids.slice(1));
    expect(await system.monitor<StatusDocument>('status')).toMatchObject({ paused: true, depth: 3, processing: 0 });
    const burst = await system.run('worker', ['--burst', '--name', 'burst']);
    expect(burst.code).toBe(0); // while paused it ends at once
    expect(await system.monitor('resume')).toEqual({ paused: false });
    await record.untilStatus(ids, 'processed');
    expect((await record.eventsNamed('claimed')).map(({ job_id }) => job_id)).toEqual(ids);
  }));

test('clear takes what waits back to discovered, never what is in processing; rebuild restores the line in order', () =>
  withSystem({ pipeline: 'gated' }, async (system) => {
    const { record, redis } = system;
    const ids = await system.discover(postings(5));
    await system.monitor('enqueue', ...[...ids].reverse());
    await redis.client.flushall();
    expect(await system.monitor('rebuild')).toEqual({ dispatched: 5, dropped: 0, dead_letters: 0 });
    expect((await redis.client.lrange(WAITING, 0, -1)).reverse()).toEqual([...ids].reverse());
    expect(await system.monitor('rebuild')).toEqual({ dispatched: 0, dropped: 0, dead_letters: 0 });

    const last = ids[4] ?? '';
    await system.worker('busy');
    await record.untilEvent(last, 'stage_finished');
    expect(await system.monitor('clear', '--confirm')).toEqual({ cleared: 4 });
    expect(await record.statuses(ids)).toEqual(['discovered', 'discovered', 'discovered', 'discovered', 'processing']);
    expect(await redis.client.llen(WAITING)).toBe(0);
    expect((await record.story(ids[0] ?? '')).at(-1)).toBe('cleared');
    await system.openGate();
    await record.untilStatus([last], 'processed');
  }));

test('discard ends a failed job for good, its history kept; a dead-letter set that Redis lost is made again', () =>
  withSystem({ pipeline: 'throwing', env: { RQ_MAX_RETRIES: '0' } }, async (system) => {
    const { record, redis } = system;
    const [first = '', second = ''] = await system.discover(postings(2));
    await system.monitor('enqueue', first, second);
    expect((await system.run('worker', ['--burst'])).code).toBe(0);
    const scores = await redis.client.zrange('failed_jobs', '0', '-1', 'WITHSCORES');
    await redis.client.flushall();
    expect(await system.monitor('rebuild')).toMatchObject({ dispatched: 0, dead_letters: 2 });
    const mended = await redis.client.zrange('failed_jobs', '0', '-1', 'WITHSCORES');
    expect([mended[0], mended[2]]).toEqual([scores[0], scores[2]]);
    expect(await system.monitor('discard', '--job-id', first, '--confirm')).toEqual({
      job_id: first,
      status: 'cancelled',
    });
    expect(await redis.client.zrange('failed_jobs', '0', '-1')).toEqual([second]);
    expect((await record.story(first)).at(-1)).toBe('discarded');
    await expectRefusal(system, {
      app: 'monitor-cli',
      args: ['retry', '--job-id', first, '--json'],
      code: 1,
      lines: [/not failed/],
    });
  }));
