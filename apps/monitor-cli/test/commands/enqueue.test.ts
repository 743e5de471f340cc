/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access --
   the documents of the program under test come as they are: their shape is what is tested here */
import { ShutdownRequested, UsageError } from '@jobhive/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asker } from '../../src/asker.ts';
import { failure, startSystem, type System } from '../system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const statusOf = async (id: string) => (await system.repository.findJob(id))?.row.status;

describe('enqueue', () => {
  it('answers an array, also for one id, with place and estimate', async () => {
    const [id = ''] = await system.discover(1);
    const answer = await system.ask('enqueue', id);
    expect(answer.code).toBe(0);
    expect(answer.json).toEqual([
      {
        job_id: id,
        queue_position: 1,
        estimated_wait_time: answer.json[0].estimated_wait_time,
        dispatched: true,
        already_queued: false,
      },
    ]);
    const again = await system.ask('enqueue', id);
    expect([again.code, again.json[0].already_queued, again.json[0].queue_position]).toEqual([0, true, null]);
  });

  it('takes upper case, and an id given twice once', async () => {
    const [id = ''] = await system.discover(1);
    const answer = await system.ask('enqueue', id.toUpperCase(), id);
    expect(answer.json).toHaveLength(1);
    expect(answer.json[0].job_id).toBe(id);
  });

  it('queues none where one id is malformed, unknown or refused', async () => {
    const [good = '', processed = '', failed = ''] = await system.discover(3);
    await system.ask('enqueue', processed, failed);
    await system.settle(processed, { kind: 'processed', last: undefined });
    await system.settle(failed, failure('TypeError', 'f1'));
    const wrong: readonly (readonly [string, number, RegExp])[] = [
      ['not-an-id', 2, /no job id/],
      ['0b8fc9a6-5a3e-4d0c-9a52-3f2f6f0d8a11', 1, /no such job/],
      [processed, 1, /processed/],
      [failed, 1, /retry/],
    ];
    for (const [other, code, message] of wrong) {
      const answer = await system.ask('enqueue', good, other);
      expect([answer.code, answer.stdout]).toEqual([code, '']);
      expect(answer.error?.message).toMatch(message);
    }
    expect(await statusOf(good)).toBe('discovered');
  });

  it('takes all that are discovered in their order, and says where there is nothing', async () => {
    await system.ask('enqueue', '--discovered');
    const ids = await system.discover(5);
    const answer = await system.ask('enqueue', '--discovered');
    expect(answer.json.map((one: { job_id: string }) => one.job_id)).toEqual(ids);
    const queued = (await system.repository.timeline(ids[4] ?? '')).at(-1);
    expect(queued).toMatchObject({ event: 'queued', detail: { by: asker() } }); // who asked was not on record
    expect((await system.ask('enqueue', '--discovered')).json).toEqual([]);
    expect((await system.run(['enqueue', '--discovered'])).stdout).toMatch(/^Nothing is discovered/);
  });

  it('refuses ids together with --discovered, and neither', async () => {
    const [id = ''] = await system.discover(1);
    expect((await system.run(['enqueue', id, '--discovered'])).error).toBeInstanceOf(UsageError);
    expect((await system.run(['enqueue'])).error).toBeInstanceOf(UsageError);
    expect(await statusOf(id)).toBe('discovered');
  });

  it('ends by a signal with what it did not do as an error, and what it did stays', async () => {
    await system.ask('enqueue', '--discovered');
    await system.discover(3);
    const end = new AbortController();
    const running = system.run(['enqueue', '--discovered', '--json'], { ENQUEUE_RATE_LIMIT: '1' }, end.signal);
    const stopping = setTimeout(() => end.abort(new ShutdownRequested('SIGINT')), 1500);
    const answer = await running;
    clearTimeout(stopping);
    expect([answer.code, answer.stdout]).toEqual([1, '']);
    expect(answer.error?.message).toMatch(/^interrupted while enqueueing/);
  });
});
