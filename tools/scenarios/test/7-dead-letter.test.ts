/** Acceptance 7: what lies in the dead-letter queue comes back by id or all at once, in order, and succeeds once mended. */
import { expect, test } from 'vitest';
import { postings } from '../src/postings.ts';
import { withSystem } from '../src/system.ts';

const WAITING = 'bq:job_processing_queue:waiting';

test('retry --job-id and retry --all bring the failed back in order, and mended they succeed', () =>
  withSystem({ pipeline: 'throwing', env: { RQ_MAX_RETRIES: '0' } }, async (system) => {
    const { record, redis } = system;
    const ids = await system.discover(postings(4));
    const [first = '', second = '', third = '', fourth = ''] = ids;
    await system.monitor('enqueue', ...ids);
    expect((await system.run('worker', ['--burst'])).code).toBe(0);
    expect(await record.statuses(ids)).toEqual(['failed', 'failed', 'failed', 'failed']);
    expect(await redis.client.zrange('failed_jobs', '0', '-1')).toEqual(ids);
    const failed = await system.monitor<readonly { job_id: string }[]>('failed');
    expect(failed.map(({ job_id }) => job_id)).toEqual(ids);

    expect(await system.monitor('retry', '--all', '--dry-run')).toMatchObject({ retried: 4, job_ids: ids });
    expect(await record.statuses(ids)).toEqual(['failed', 'failed', 'failed', 'failed']);

    expect(await system.monitor('retry', '--job-id', third)).toMatchObject({ retried: 1, job_ids: [third] });
    expect(await record.row(third)).toMatchObject({ status: 'queued', attempt: 0 });
    expect(await redis.client.zrange('failed_jobs', '0', '-1')).toEqual([first, second, fourth]);

    expect(await system.monitor('retry', '--all')).toMatchObject({ retried: 3, job_ids: [first, second, fourth] });
    expect((await redis.client.lrange(WAITING, 0, -1)).reverse()).toEqual([third, first, second, fourth]);
    expect(await redis.client.exists('failed_jobs')).toBe(0);
    expect(await system.monitor('retry', '--all')).toMatchObject({ retried: 0, job_ids: [] });

    await system.openGate('mended');
    expect((await system.run('worker', ['--burst'])).code).toBe(0);
    expect(await record.statuses(ids)).toEqual(['processed', 'processed', 'processed', 'processed']);
    const again = (await record.eventsNamed('claimed')).slice(4);
    expect(again.map(({ job_id }) => job_id)).toEqual([third, first, second, fourth]);
    expect(await record.row(third)).toMatchObject({ attempt: 1, error_info: null });
    expect(await record.story(third)).toEqual([
      'discovered',
      'queued',
      'claimed',
      'stage_finished',
      'failed',
      'retried',
      'claimed',
      'stage_finished',
      'processed',
    ]);
    const prepared = (await system.ledger()).filter(({ stage }) => stage === 'prepare');
    expect(prepared).toHaveLength(4);
  }));
