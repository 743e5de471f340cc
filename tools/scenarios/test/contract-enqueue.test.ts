/** Contract, "enqueue": from each status, ids together, places in line, all that is discovered, and the budget. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EnqueueResult } from '@jobhive/queue';
import { postings } from '../src/postings.ts';
import { startSystem, withSystem, type System } from '../src/system.ts';
import { expectRefusal } from './refusal.ts';

const WAITING = 'bq:job_processing_queue:waiting';
let system: System;
let ids: readonly string[];

beforeAll(async () => {
  system = await startSystem();
  ids = await system.discover(postings(8));
});
afterAll(() => system.stop());

const line = async (): Promise<readonly string[]> => (await system.redis.client.lrange(WAITING, 0, -1)).reverse();

test('discovered jobs are queued, placed from 1; upper case is fine, and an id given twice counts once', async () => {
  const [first = '', second = '', third = ''] = ids;
  const answers = await system.monitor<EnqueueResult[]>('enqueue', third, first.toUpperCase(), first, second);
  expect(answers.map(({ job_id, queue_position }) => [job_id, queue_position])).toEqual([
    [third, 1],
    [first, 2],
    [second, 3],
  ]);
  expect(answers.every(({ dispatched, already_queued }) => dispatched && !already_queued)).toBe(true);
  expect(await line()).toEqual([third, first, second]);
});

test('what is queued already stays where it is', async () => {
  const [first = '', , , fourth = ''] = ids;
  const before = await system.record.events(first);
  const answers = await system.monitor<EnqueueResult[]>('enqueue', first, fourth);
  expect(answers).toMatchObject([
    { job_id: first, queue_position: null, already_queued: true, dispatched: true },
    { job_id: fourth, queue_position: 4, already_queued: false },
  ]);
  expect(await system.record.events(first)).toEqual(before);
});

test('a cancelled job is queued again, behind the others', async () => {
  const [, , third = '', fourth = ''] = ids;
  await system.monitor('cancel', third);
  const [answer] = await system.monitor<EnqueueResult[]>('enqueue', third);
  expect(answer).toMatchObject({ job_id: third, already_queued: false, dispatched: true });
  expect(await system.record.row(third)).toMatchObject({ status: 'queued', cancel_requested_at: null, attempt: 0 });
  expect((await line()).slice(-2)).toEqual([fourth, third]);
});

test('--discovered takes the rest in the order of the source', async () => {
  const answers = await system.monitor<EnqueueResult[]>('enqueue', '--discovered');
  expect(answers.map(({ job_id }) => job_id)).toEqual(ids.slice(4));
  expect((await line()).slice(-4)).toEqual(ids.slice(4));
  expect(await system.monitor('enqueue', '--discovered')).toEqual([]);
});

test('a failed job is refused and retry is named', () =>
  withSystem({ pipeline: 'throwing', env: { RQ_MAX_RETRIES: '0' } }, async (own) => {
    const [failed = '', other = ''] = await own.discover(postings(2));
    await own.monitor('enqueue', failed);
    expect((await own.run('worker', ['--burst'])).code).toBe(0);
    await expectRefusal(own, {
      app: 'monitor-cli',
      args: ['enqueue', other, failed, '--json'],
      code: 1,
      lines: [/has failed.*retry --job-id/],
    });
    expect(await own.record.statuses([failed, other])).toEqual(['failed', 'discovered']);
  }));

test('ENQUEUE_RATE_LIMIT refuses ids beyond it with 1, and leaves the job as it was; queued ones cost nothing', () =>
  withSystem({ env: { ENQUEUE_RATE_LIMIT: '2' } }, async (own) => {
    const [first = '', second = '', third = ''] = await own.discover(postings(3));
    await own.monitor('enqueue', first, second);
    await expectRefusal(own, { app: 'monitor-cli', args: ['enqueue', third, '--json'], code: 1, lines: [/2.*minute/] });
    expect(await own.record.story(third)).toEqual(['discovered']);
    expect(await own.monitor('enqueue', second)).toMatchObject([{ already_queued: true }]);
  }));
