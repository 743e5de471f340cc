/** Acceptance 5: SIGTERM in the middle of a job lets it finish; one that is longer than the grace is given back, unspent. */
import { expect, test } from 'vitest';
import { logRecords } from '../src/log-records.ts';
import { postings } from '../src/postings.ts';
import { withSystem } from '../src/system.ts';

test('a job that is shorter than the grace is finished, and the worker ends with 0', () =>
  withSystem({ pipeline: 'steady', env: { STAGE_MS: '1500' } }, async (system) => {
    const { record } = system;
    const [first = '', second = ''] = await system.discover(postings(2));
    const worker = await system.worker('leaver');
    await system.monitor('enqueue', first, second);
    await record.untilEvent(first, 'claimed');
    worker.signal('SIGTERM');
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(await record.statuses([first, second])).toEqual(['processed', 'queued']);
    expect(await record.story(first)).toEqual(['discovered', 'queued', 'claimed', 'stage_finished', 'processed']);
    expect(await record.row(second)).toMatchObject({ attempt: 0, error_info: null });
    expect(await system.redis.client.lrange('bq:job_processing_queue:waiting', 0, -1)).toEqual([second]);
    const messages = logRecords(worker.stderr()).map(({ message }) => message);
    expect(messages.indexOf('processed')).toBeGreaterThan(
      messages.findIndex((text) => text.startsWith('worker stopping')),
    );
    expect(messages.at(-1)).toBe('worker stopped');
  }));

test('a job that is longer than the grace is given back, and another worker goes on after its checkpoint', () =>
  withSystem({ pipeline: 'gated', env: { SHUTDOWN_GRACE: '1' } }, async (system) => {
    const { record } = system;
    const [jobId = ''] = await system.discover(postings(1));
    const leaver = await system.worker('leaver');
    await system.monitor('enqueue', jobId);
    await record.untilEvent(jobId, 'stage_finished');
    const fromMs = performance.now();
    leaver.signal('SIGTERM');
    expect(await leaver.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - fromMs).toBeLessThan(6_000);
    expect(await record.row(jobId)).toMatchObject({
      status: 'queued',
      attempt: 0,
      error_info: null,
      next_attempt_at: null,
    });
    const [given] = (await record.events(jobId)).filter(({ event }) => event === 'given_back');
    expect(given).toMatchObject({ attempt: 1, worker_name: 'leaver', detail: { reason: 'shutdown' } });

    await system.openGate();
    await system.worker('successor');
    await record.untilStatus([jobId], 'processed');
    const row = await record.row(jobId);
    expect(row).toMatchObject({ attempt: 1, worker_name: 'successor', error_info: null });
    expect(row.stage_outputs['second']?.output).toEqual({ saw: { from: 'first', attempt: 1 } });
    expect((await system.ledger()).map(({ stage }) => stage)).toEqual(['first', 'second', 'second']);
  }));
