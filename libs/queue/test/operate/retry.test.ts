// retry: dead letters back to the queue.
import { randomUUID } from 'node:crypto';
import { JobNotFoundError, WrongStatusError } from '@jobhive/db';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { retryDeadLetters } from '../../src/operate/retry.ts';
import { errorOf, openStores, stageOf, type Stores } from '../stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
beforeEach(async () => {
  await stores.sql('DELETE FROM jobs');
  await stores.redis.clean();
  await stores.redis.client.set(stores.keys.whole, '1');
});
afterAll(() => stores.stop());

async function failures(count: number, fingerprint = 'abc'): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) ids.push(await stores.failed({ fingerprint }));
  await stores.open.deadLetters.mendAll();
  return ids;
}
const dead = (): Promise<string[]> => stores.redis.client.zrange(stores.keys.failed, '0', '-1');
const by = { by: 'test' };

describe('a retry', () => {
  it('of all takes them oldest failure first, behind those that wait, out of the dead letters', async () => {
    const waiting = await stores.queued(2);
    const ids = await failures(3);
    expect(await dead()).toEqual(ids);
    const progress: object[] = [];
    const answer = await stores.open.queue.retry({ all: true }, { ...by, onProgress: (one) => progress.push(one) });
    expect(answer).toMatchObject({ retried: 3, job_ids: ids, dispatched: true });
    expect(progress).toEqual([{ done: 3, total: 3 }]);
    expect(await stores.line()).toEqual([...waiting, ...ids]);
    expect(await dead()).toEqual([]);
    expect(await stores.row(ids[0] ?? '')).toMatchObject({ status: 'queued', attempt: 0 });
    expect(await stores.open.queue.retry({ all: true }, by)).toMatchObject({ retried: 0, job_ids: [] });
  });

  it('of one job that somebody discards at that moment is refused, as it would be afterwards', async () => {
    const [id = ''] = await failures(1);
    const { queue, repository, pusher, deadLetters, metrics } = stores.open;
    const standings: typeof repository.standings = async (jobIds) => {
      const seen = await repository.standings(jobIds);
      await queue.discard(id, 'another');
      return seen;
    };
    const parts = { repository: { ...repository, standings }, pusher, deadLetters, metrics };
    await expect(retryDeadLetters(parts, { jobId: id }, by)).rejects.toBeInstanceOf(WrongStatusError);
    expect(await stores.row(id)).toMatchObject({ status: 'cancelled' });
  });

  it('counts what is queued by it, and a dry run nothing', async () => {
    await failures(2);
    const { queue, metrics } = stores.another();
    const queued = async (): Promise<unknown> =>
      (await metrics.jobsTotal.get()).values.find(({ labels }) => labels.status === 'queued')?.value;
    await queue.retry({ all: true }, { ...by, dryRun: true });
    expect(await queued()).toBe(0);
    await queue.retry({ all: true }, by);
    expect(await queued()).toBe(2);
  });

  it('of one fingerprint leaves the others', async () => {
    const [a = ''] = await failures(1, 'aaa');
    const [b = ''] = await failures(1, 'bbb');
    expect(await stores.open.queue.retry({ fingerprint: 'bbb' }, by)).toMatchObject({ retried: 1, job_ids: [b] });
    expect(await dead()).toEqual([a]);
    const refused = stores.open.queue.retry({ fingerprint: 'ccc' }, by);
    await expect(refused).rejects.toThrow('no failed job has the fingerprint ccc');
  });

  it('of one job is refused where it is unknown or has not failed', async () => {
    const [queued = ''] = await stores.queued(1);
    const { queue } = stores.open;
    await expect(queue.retry({ jobId: queued }, by)).rejects.toBeInstanceOf(WrongStatusError);
    await expect(queue.retry({ jobId: queued }, by)).rejects.toThrow('is queued, not failed');
    await expect(queue.retry({ jobId: randomUUID() }, by)).rejects.toBeInstanceOf(JobNotFoundError);
  });

  it('as a dry run tells what would be done, and does nothing', async () => {
    const ids = await failures(2);
    const answer = await stores.open.queue.retry({ all: true }, { ...by, dryRun: true });
    expect(answer).toMatchObject({ retried: 2, job_ids: ids });
    expect(await stores.line()).toEqual([]);
    expect(await dead()).toEqual(ids);
    expect((await stores.row(ids[0] ?? ''))['status']).toBe('failed');
  });

  it('at a rate waits between the jobs; interrupted it tells what it did, and asked again goes on with the rest', async () => {
    const ids = await failures(4);
    const abort = new AbortController();
    const from = performance.now();
    const first = await stores.open.queue.retry(
      { all: true },
      { ...by, ratePerMinute: 600, signal: abort.signal, onProgress: ({ done }) => done === 2 && abort.abort() },
    );
    expect(first).toMatchObject({ retried: 2, job_ids: ids.slice(0, 2) });
    expect(performance.now() - from).toBeGreaterThanOrEqual(99);
    expect(await dead()).toEqual(ids.slice(2));
    const rest = await stores.open.queue.retry({ all: true }, { ...by, ratePerMinute: 60_000 });
    expect(rest).toMatchObject({ retried: 2, job_ids: ids.slice(2) });
    expect(await stores.line()).toEqual(ids);
  });

  it('that is interrupted while it waits ends at once', async () => {
    const ids = await failures(2);
    const abort = new AbortController();
    const work = stores.open.queue.retry(
      { all: true },
      { ...by, ratePerMinute: 1, signal: abort.signal, onProgress: () => setImmediate(() => abort.abort()) },
    );
    expect(await work).toMatchObject({ retried: 1, job_ids: ids.slice(0, 1) });
  });

  it('with Redis away is recorded, says so, and comes when Redis is back', async () => {
    const [jobId = ''] = await failures(1);
    const away = stores.another({ REDIS_URL: 'redis://127.0.0.1:1' });
    expect(await away.queue.retry({ all: true }, by)).toMatchObject({
      retried: 1,
      job_ids: [jobId],
      dispatched: false,
    });
    expect((await stores.row(jobId))['status']).toBe('queued');
    expect((await stores.open.repository.queueStateFacts()).redisBehind).not.toBeNull();
  });
});

describe('where a retry goes on', () => {
  async function failedAfter(stages: readonly string[]): Promise<string> {
    const [jobId = ''] = await stores.queued(1);
    const claim = await stores.claim(jobId);
    for (const stage of stages) {
      await stores.open.repository.checkpoint([{ jobId, token: claim.token, record: stageOf(stage) }]);
    }
    await stores.settle(claim, { kind: 'failed', error: errorOf({ stage: 'decision' }) });
    return jobId;
  }
  const outputs = async (jobId: string): Promise<string[]> =>
    Object.keys((await stores.row(jobId))['stage_outputs'] as object).sort();

  it.each([
    [undefined, ['match', 'normalise', 'requirements']],
    [{ kind: 'start' } as const, []],
    [{ kind: 'stage', name: 'requirements' } as const, ['normalise']],
  ])('from %o these stages stay finished: %j', async (from, finished) => {
    const jobId = await failedAfter(['normalise', 'requirements', 'match']);
    await stores.open.queue.retry({ jobId }, { ...by, from });
    expect(await outputs(jobId)).toEqual(finished);
  });

  it('the stages that may be named are those on record of the dead letters', async () => {
    await failedAfter(['normalise']);
    await failedAfter([]);
    const oneByOne = vi.spyOn(stores.open.repository, 'findJob');
    expect(await stores.open.queue.stagesOf({ all: true })).toEqual(['decision', 'normalise']);
    expect(oneByOne).not.toHaveBeenCalled();
  });
});
