// clear: what waits, back to discovered and out of Redis; never what is in processing.
import { RedisAwayError } from '../../src/errors.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorOf, openStores, type Stores } from '../stores.ts';

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

const take = (): Promise<string | null> => stores.redis.client.rpoplpush(stores.keys.waiting, stores.keys.active);

describe('a clear', () => {
  it('takes back what waits and what is delayed, and leaves what is in processing', async () => {
    const [processing = '', delayed = '', waiting = ''] = await stores.queued(3);
    await take();
    await stores.claim(processing);
    await take();
    const outcome = { kind: 'retry', delaySeconds: 60, spendsAttempt: true, error: errorOf() } as const;
    await stores.settle(await stores.claim(delayed), outcome);
    await stores.redis.client.lrem(stores.keys.active, 1, delayed);
    await stores.redis.client.hdel(stores.keys.jobs, delayed);

    const progress: number[] = [];
    const answer = await stores.open.queue.clear('test', { onProgress: ({ done }) => progress.push(done) });
    expect(answer).toEqual({ cleared: 2 });
    expect(progress.at(-1)).toBe(2);
    const statuses = [];
    for (const id of [processing, delayed, waiting]) statuses.push((await stores.row(id))['status']);
    expect(statuses).toEqual(['processing', 'discovered', 'discovered']);
    expect(await stores.line()).toEqual([]);
    expect(await stores.active()).toEqual([processing]);
    expect(Object.keys(await stores.entries())).toEqual([processing]);
    expect(await stores.told(waiting)).toEqual(['discovered', 'queued', 'cleared']);
  });

  it('of an empty queue clears nothing', async () => {
    expect(await stores.open.queue.clear('test')).toEqual({ cleared: 0 });
  });

  it('with Redis away changes nothing', async () => {
    const [jobId = ''] = await stores.queued(1);
    const away = stores.another({ REDIS_URL: 'redis://127.0.0.1:1' });
    await expect(away.queue.clear('test')).rejects.toBeInstanceOf(RedisAwayError);
    await expect(away.queue.pause('test')).rejects.toBeInstanceOf(RedisAwayError);
    expect((await stores.row(jobId))['status']).toBe('queued');
    expect((await stores.open.repository.queueStateFacts()).paused).toBe(false);
  });

  it('ends early where it is told to, with what it has done told', async () => {
    await stores.queuedOnRecord(4500);
    const abort = new AbortController();
    const answer = await stores.open.queue.clear('test', { signal: abort.signal, onProgress: () => abort.abort() });
    expect(answer).toEqual({ cleared: 2000 });
    expect((await stores.open.queue.status()).depth).toBe(2500);
  });

  it('of 50,000 waiting jobs stays quick', async () => {
    const operator = stores.another(); // as the command: its statements are planned for the tables as they are now
    await stores.queuedOnRecord(50_000);
    await operator.queue.rebuild();
    expect(await stores.redis.client.llen(stores.keys.waiting)).toBe(50_000);
    const from = performance.now();
    expect(await operator.queue.clear('test')).toEqual({ cleared: 50_000 });
    expect(performance.now() - from).toBeLessThan(15_000); // 3 s on a machine with eight others at work
    expect(await stores.redis.client.exists(stores.keys.waiting, stores.keys.jobs)).toBe(0);
  }, 90_000);
});
