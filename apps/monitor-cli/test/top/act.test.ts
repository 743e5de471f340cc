// Each act of `top`, done over real stores: the sentence it answers with, and what is on record then.
import { readEnvironment, silentLogger } from '@jobhive/config';
import { openQueue, type OpenQueue } from '@jobhive/queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { perform, type Act } from '../../src/top/act.ts';
import { failure, startSystem, type System } from '../system.ts';

let system: System;
let open: OpenQueue;
beforeAll(async () => {
  system = await startSystem();
  open = openQueue({ environment: readEnvironment(system.env), log: silentLogger, role: 'operator' });
  await open.redis.ready(5000);
});
afterAll(async () => {
  await open.stop();
  await system.stop();
});

const done: number[] = [];
const act = (what: Act, { queue }: OpenQueue = open): Promise<string> =>
  perform(what, { queue, by: 'who', signal: new AbortController().signal, onDone: (count) => void done.push(count) });
const statusOf = async (id: string) => (await system.repository.findJob(id))?.row.status;
const lastOf = async (id: string) =>
  (await system.repository.timeline(id)).filter(({ event }) => event !== 'dispatched').at(-1);

async function queued(count: number): Promise<string[]> {
  const ids = await system.discover(count);
  await system.ask('enqueue', ...ids);
  return ids;
}
async function failed(count: number, fingerprint: string): Promise<string[]> {
  const ids = await queued(count);
  for (const id of ids) await system.settle(id, failure('TypeError', fingerprint));
  return ids;
}

it('retry queues a failed job again; what has not failed is refused, with its reason', async () => {
  const [id = ''] = await failed(1, 'one');
  expect(await act({ kind: 'retry', jobId: id })).toBe(`Job ${id.slice(0, 8)} is queued again.`);
  expect([await statusOf(id), await lastOf(id)]).toMatchObject(['queued', { event: 'retried', detail: { by: 'who' } }]);
  await expect(act({ kind: 'retry', jobId: id })).rejects.toThrow(/is queued, not failed/);
});

it('retry of a group takes those that failed with its error, tells how many are done, and leaves the others', async () => {
  const [first = '', second = ''] = await failed(2, 'same');
  const [other = ''] = await failed(1, 'other');
  done.length = 0;
  expect(await act({ kind: 'retry_group', fingerprint: 'same', count: 2 })).toBe('2 jobs are queued again.');
  expect([await statusOf(first), await statusOf(second), await statusOf(other)]).toEqual([
    'queued',
    'queued',
    'failed',
  ]);
  expect(done).toEqual([2]);
  expect(await act({ kind: 'retry_group', fingerprint: 'other', count: 1 })).toBe('1 job is queued again.');
});

it('retry with Redis away is on record, and says when it is delivered', async () => {
  const [id = ''] = await failed(1, 'away');
  const environment = readEnvironment({ ...system.env, REDIS_URL: 'redis://127.0.0.1:1' });
  const alone = openQueue({ environment, log: silentLogger, role: 'operator' });
  const told = await act({ kind: 'retry', jobId: id }, alone).finally(() => alone.stop());
  expect(told).toBe(`Job ${id.slice(0, 8)} is queued again, delivered when Redis is back.`);
  expect(await statusOf(id)).toBe('queued');
});

it('cancel ends a queued job, and asks the worker of a running one to', async () => {
  const [waiting = '', running = ''] = await queued(2);
  await system.claim(running);
  expect(await act({ kind: 'cancel', jobId: waiting })).toBe(`Job ${waiting.slice(0, 8)} is cancelled.`);
  expect([await statusOf(waiting), await lastOf(waiting)]).toMatchObject([
    'cancelled',
    { event: 'cancelled', detail: { by: 'who' } },
  ]);
  expect(await act({ kind: 'cancel', jobId: running })).toMatch(/ is to be cancelled; its worker ends it\.$/);
  const { rows } = await system.database.client.query(
    `SELECT status, cancel_requested_by AS by FROM application_tracking WHERE cancel_requested_at IS NOT NULL AND job_id = $1`,
    [running],
  );
  expect(rows).toEqual([{ status: 'processing', by: 'who' }]);
});

it('discard gives a failed job up, and keeps its history', async () => {
  const [id = ''] = await failed(1, 'hopeless');
  expect(await act({ kind: 'discard', jobId: id })).toBe(`Job ${id.slice(0, 8)} is discarded; its history stays.`);
  expect([await statusOf(id), await lastOf(id)]).toMatchObject([
    'cancelled',
    { event: 'discarded', detail: { by: 'who' } },
  ]);
});

it('pause holds the queue, and resume lets it go on', async () => {
  const paused = async () => (await open.queue.status()).paused;
  expect(await act({ kind: 'pause' })).toBe('The queue is paused; jobs in hand are finished.');
  expect(await paused()).toBe(true);
  expect(await act({ kind: 'resume' })).toBe('The workers go on.');
  expect(await paused()).toBe(false);
});
