// Redis from Postgres, whole or not at all.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rebuild } from '../../src/reconcile/rebuild.ts';
import type { PassParts } from '../../src/reconcile/pass.ts';
import { openStores, type Stores } from '../stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
beforeEach(async () => {
  await stores.sql('DELETE FROM jobs');
  await stores.redis.clean();
});
afterAll(() => stores.stop());

/** Empties Redis after the first page of each rebuild, as often as told. */
function emptied(times: number): PassParts {
  let left = times;
  const { repository } = stores.open;
  return {
    ...stores,
    repository: {
      ...repository,
      waitingPage: async (after, limit, minAgeMs) => {
        if (after > 0 && left > 0) {
          left -= 1;
          await stores.redis.clean();
        }
        return repository.waitingPage(after, limit, minAgeMs);
      },
    },
  };
}

describe('a rebuild', () => {
  it('puts in line what waits, drops what does not, adds the dead letters, and says how many', async () => {
    const ids = await stores.queuedOnRecord(2500);
    const failed = [await stores.failed(), await stores.failed()];
    await stores.redis.client.rpush(stores.keys.waiting, 'nobody');
    const done: number[] = [];
    const rebuilt = await stores.open.queue.rebuild({ onProgress: (progress) => done.push(progress.done) });
    expect(rebuilt).toEqual({ dispatched: 2500, dropped: 1, dead_letters: 2 });
    expect(done).toEqual([1000, 2000, 2500]);
    expect(await stores.line()).toEqual(ids);
    expect(await stores.redis.client.zrange(stores.keys.failed, '0', '-1')).toEqual(failed);
    expect(await stores.redis.client.exists(stores.keys.whole)).toBe(1);
    expect(await stores.redis.client.exists(stores.keys.rebuilding)).toBe(0);
    expect(await stores.open.queue.rebuild()).toEqual({ dispatched: 0, dropped: 0, dead_letters: 0 });
  });

  it.each(['waiting', 'jobs'] as const)('makes good what lost its `%s`', async (evicted) => {
    const ids = await stores.queued(5);
    await stores.redis.client.unlink(stores.keys[evicted]);
    expect(await stores.open.queue.rebuild()).toMatchObject({ dispatched: 5 });
    expect(await stores.line()).toEqual(ids);
    expect(Object.keys(await stores.entries())).toHaveLength(5);
  });

  it('that Redis was emptied under begins again, and is whole', async () => {
    const ids = await stores.queuedOnRecord(2500);
    await rebuild(emptied(2));
    expect(await stores.line()).toEqual(ids);
    expect(await stores.redis.client.exists(stores.keys.whole)).toBe(1);
  });

  it('that Redis was emptied under begins again at its next page, so that the line need not be sorted afterwards', async () => {
    await stores.queuedOnRecord(4500);
    const parts = emptied(1);
    const asked: number[] = [];
    const waitingPage: PassParts['repository']['waitingPage'] = (after, ...more) => {
      asked.push(after);
      return parts.repository.waitingPage(after, ...more);
    };
    await rebuild({ ...parts, repository: { ...parts.repository, waitingPage } });
    expect(asked.map((after) => after === 0)).toEqual([true, false, true, false, false, false, false]);
  });

  it('that Redis was emptied under at its very end, when all stood in line, sets no mark over the empty line', async () => {
    const ids = await stores.queuedOnRecord(3);
    const { repository } = stores.open;
    let left = 1;
    const deadLetterScores: PassParts['repository']['deadLetterScores'] = async (...asked) => {
      if (left > 0) await stores.redis.clean();
      left -= 1;
      return repository.deadLetterScores(...asked);
    };
    await rebuild({ ...stores, repository: { ...repository, deadLetterScores } });
    expect(await stores.line()).toEqual(ids);
    expect(await stores.redis.client.exists(stores.keys.whole)).toBe(1);
  });

  it('that Redis is emptied under each time sets no mark, and says so', async () => {
    await stores.queuedOnRecord(2500);
    await expect(rebuild(emptied(1000))).rejects.toThrow('was emptied 5 times during the rebuild');
    expect(await stores.redis.client.exists(stores.keys.whole)).toBe(0);
  });

  it('can be ended by its signal, and sets no mark then', async () => {
    await stores.queuedOnRecord(2500);
    const abort = new AbortController();
    const work = rebuild(
      { ...stores, repository: stores.open.repository },
      {
        signal: abort.signal,
        onProgress: () => abort.abort(new Error('enough')),
      },
    );
    await expect(work).rejects.toThrow('enough');
    expect(await stores.redis.client.exists(stores.keys.whole)).toBe(0);
  });

  it('leaves what is in hands alone', async () => {
    const ids = await stores.queuedOnRecord(3);
    await stores.open.queue.rebuild();
    await stores.redis.client.rpoplpush(stores.keys.waiting, stores.keys.active);
    await stores.claim(ids[0] ?? '');
    await stores.redis.client.del(stores.keys.whole);
    await stores.open.queue.rebuild();
    expect(await stores.active()).toEqual(ids.slice(0, 1));
    expect(await stores.line()).toEqual(ids.slice(1));
  });
});
