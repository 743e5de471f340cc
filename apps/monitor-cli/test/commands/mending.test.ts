/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access --
   the documents of the program under test come as they are: their shape is what is tested here */
import { ShutdownRequested } from '@jobhive/config';
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asker } from '../../src/asker.ts';
import { failure, startSystem, type System } from '../system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const UNKNOWN = '0b8fc9a6-5a3e-4d0c-9a52-3f2f6f0d8a11';
const statusOf = async (id: string) => (await system.repository.findJob(id))?.row.status;

async function failed(count: number, fingerprint: string): Promise<string[]> {
  const ids = await system.discover(count);
  await system.ask('enqueue', ...ids);
  for (const id of ids) await system.settle(id, failure('TypeError', fingerprint));
  return ids;
}

describe('retry', () => {
  it('takes none or two of its three selectors as wrong usage', async () => {
    for (const words of [
      [],
      ['--all', '--job-id', UNKNOWN],
      ['--fingerprint', 'f', '--all'],
      ['--fingerprint', ''],
      ['--all', '--from-start', '--from-stage', 'x'],
      ['--all', '--rate', '0'],
      ['--all', '--rate', 'fast'],
      ['--job-id', 'x'],
    ]) {
      expect((await system.ask('retry', ...words)).code, words.join(' ')).toBe(2);
    }
  });

  it('with --all and nothing failed is done', async () => {
    const answer = await system.ask('retry', '--all');
    expect([answer.code, answer.json]).toMatchObject([0, { retried: 0, job_ids: [] }]);
  });

  it('brings back one, a group, or all, oldest failure first; --dry-run does nothing', async () => {
    const [first, second] = [await failed(2, 'f1'), await failed(3, 'f2')];
    const dry = await system.ask('retry', '--all', '--dry-run');
    expect(dry.json).toEqual({ retried: 5, job_ids: [...first, ...second] });
    expect(await statusOf(first[0] ?? '')).toBe('failed');
    expect((await system.ask('retry', '--fingerprint', 'f1')).json).toEqual({
      retried: 2,
      job_ids: first,
      dispatched: true,
    });
    expect((await system.ask('retry', '--job-id', second[1] ?? '')).json.job_ids).toEqual([second[1]]);
    expect((await system.ask('retry', '--all', '--rate', '6000')).json.job_ids).toEqual([second[0], second[2]]);
  });

  it('interrupted at a rate says how many are done, and run again goes on with the rest', async () => {
    const ids = await failed(3, 'slow');
    const end = new AbortController();
    const words = ['retry', '--fingerprint', 'slow', '--rate', '1'];
    const running = system.run(words, {}, end.signal);
    await waitFor('the first to be queued', async () => (await statusOf(ids[0] ?? '')) === 'queued');
    await waitFor('it to be counted', async () => (await system.ask('failed', 'groups')).json[0].count === 2);
    end.abort(new ShutdownRequested('SIGINT'));
    const { code, stdout, error } = await running;
    expect([code, stdout, error?.message]).toEqual([
      1,
      '',
      'interrupted while retrying; 1 were done, run the command again for the rest',
    ]);
    expect(await statusOf(ids[1] ?? '')).toBe('failed');
    const rest = await system.ask('retry', '--fingerprint', 'slow');
    expect(rest.json.job_ids).toEqual(ids.slice(1));
  });

  it('refuses an unknown id, a job that is not failed, and an unknown fingerprint', async () => {
    const [id = ''] = await system.discover(1);
    for (const words of [
      ['--job-id', UNKNOWN],
      ['--job-id', id],
      ['--fingerprint', 'nope'],
    ]) {
      const answer = await system.ask('retry', ...words);
      expect([answer.code, answer.stdout]).toEqual([1, '']);
    }
  });

  it('knows the stages of what is to be retried; another one is wrong usage', async () => {
    const [id = ''] = await failed(1, 'f3');
    const wrong = await system.ask('retry', '--job-id', id, '--from-stage', 'nope');
    expect([wrong.code, wrong.error?.message]).toEqual([2, expect.stringMatching(/on record: match/)]);
    expect((await system.ask('retry', '--job-id', UNKNOWN, '--from-stage', 'nope')).code).toBe(1);
    expect((await system.ask('retry', '--job-id', id, '--from-stage', 'match')).code).toBe(0);
  });
});

describe('discard and clear', () => {
  it('do nothing without --confirm, and name it', async () => {
    const [id = ''] = await failed(1, 'f4');
    for (const words of [['clear'], ['discard', '--job-id', id]]) {
      const answer = await system.ask(...words);
      expect([answer.code, answer.error?.message]).toEqual([2, expect.stringContaining('--confirm')]);
    }
    expect(await statusOf(id)).toBe('failed');
    expect((await system.ask('discard', '--job-id', id, '--confirm')).json).toEqual({
      job_id: id,
      status: 'cancelled',
    });
    expect((await system.ask('discard', '--job-id', id, '--confirm')).code).toBe(1);
    expect((await system.ask('discard', '--job-id', UNKNOWN, '--confirm')).code).toBe(1);
  });

  it('clear takes what waits back to discovered, never what is in processing', async () => {
    await system.ask('clear', '--confirm');
    const [running = '', ...waiting] = await system.discover(3);
    await system.ask('enqueue', running, ...waiting);
    await system.claim(running);
    expect((await system.ask('clear', '--confirm')).json).toEqual({ cleared: 2 });
    expect(await statusOf(running)).toBe('processing');
    expect(await statusOf(waiting[0] ?? '')).toBe('discovered');
    expect((await system.run(['clear', '--confirm'])).stdout).toBe('Nothing was waiting.\n');
  });
});

describe('cancel', () => {
  it('ends a queued job, asks for a running one, and is done twice without a second event', async () => {
    const [queued = '', running = '', untouched = ''] = await system.discover(3);
    await system.ask('enqueue', queued, running);
    await system.claim(running);
    expect((await system.ask('cancel', queued)).json).toEqual({ job_id: queued, status: 'cancelled' });
    expect((await system.ask('cancel', queued)).code).toBe(0);
    expect((await system.repository.timeline(queued)).filter(({ event }) => event === 'cancelled')).toHaveLength(1);
    expect((await system.ask('cancel', running)).json).toEqual({ job_id: running, status: 'processing' });
    expect((await system.ask('cancel', untouched)).code).toBe(1);
    expect((await system.ask('cancel', UNKNOWN)).code).toBe(1);
  });
});

describe('pause, resume, rebuild, migrate', () => {
  it('pause is kept, and named as the cause', async () => {
    const [id = ''] = await system.discover(1);
    await system.ask('enqueue', id);
    expect((await system.ask('pause')).json).toEqual({ paused: true });
    expect((await system.ask('status')).json.paused).toBe(true);
    const why = (await system.ask('why', id)).json;
    expect([why.cause, why.waits.at(-1).for]).toEqual([expect.stringMatching(/^The queue is paused/), 'paused']);
    expect((await system.ask('resume')).json).toEqual({ paused: false });
  });

  it('rebuild fills an emptied Redis', async () => {
    await system.ask('clear', '--confirm');
    await system.ask('enqueue', ...(await system.discover(3)));
    await system.redis.clean();
    expect((await system.ask('rebuild')).json).toMatchObject({ dispatched: 3 });
  });

  it('rebuild leaves on record who asked for it, also where it found nothing to do', async () => {
    await system.database.client.query(`DELETE FROM system_events`);
    await system.ask('rebuild');
    const { rows } = await system.database.client.query(`SELECT event, detail->>'by' AS by FROM system_events`);
    expect(rows).toEqual([{ event: 'rebuilt', by: asker() }]);
  });

  it('migrate finds nothing to do on a schema that is up to date', async () => {
    expect((await system.ask('migrate')).json).toEqual({ applied: [] });
  });
});

describe('doctor', () => {
  it('tells what has to be mended, how, and exits with 1 only then', async () => {
    const { code, json } = await system.ask('doctor');
    const alive = json.findings.find((finding: { check: string }) => finding.check === 'workers.alive');
    expect([code, json.ok]).toEqual([1, false]);
    expect(alive).toMatchObject({ severity: 'mend', mend: expect.stringContaining('worker') });
    await system.ask('clear', '--confirm');
    const sound = await system.ask('doctor');
    expect(sound.json.findings.filter((finding: { severity: string }) => finding.severity === 'mend')).toEqual([]);
    expect(sound.code).toBe(0);
  });
});
