// Each difference between the stores that can arise, made for real and repaired by real looks.
import { randomUUID } from 'node:crypto';
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import { holderOf, openStores, type Stores } from '../stores.ts';
import { createReconcilerOf, createReconcilerOfClean, type TestReconciler } from './looks.ts';

/** About what a worker claims in one statement, at the most. */
const CLAIMED_AT_ONCE = 64;

let stores: Stores;
let reconciler: TestReconciler;
beforeAll(async () => {
  stores = await openStores();
});
beforeEach(async () => {
  reconciler = await createReconcilerOfClean(stores);
});
afterAll(() => stores.stop());

const take = (): Promise<string | null> => stores.redis.client.rpoplpush(stores.keys.waiting, stores.keys.active);

describe('the reconciler', () => {
  it('fills an emptied Redis with all that waits, the order the same to the id', async () => {
    const ids = await stores.queuedOnRecord(5000);
    await stores.redis.clean();
    await reconciler.look();
    expect(await stores.line()).toEqual(ids);
    expect(await stores.redis.client.exists(stores.keys.whole)).toBe(1);
    expect(await reconciler.repaired()).toEqual({ marker_missing: 5000 });
    expect(await stores.told(ids[4999] ?? '')).toEqual(['dispatched']);
    const events = await stores.sql<{ event: string }>('SELECT event FROM system_events ORDER BY id DESC LIMIT 1');
    expect(events).toEqual([{ event: 'rebuilt' }]);
  });

  it('looks through all of it after a restart of Redis without persistence', async () => {
    const ids = await stores.queued(5);
    await stores.redis.server.restart();
    await stores.store.ready(10_000);
    await reconciler.look();
    expect(await stores.line()).toEqual(ids);
    await reconciler.look();
    expect(await reconciler.repaired()).toEqual({ marker_missing: 5 });
  });

  it('looks through all of it where Redis came back from an older state', async () => {
    const failed = await stores.failed();
    const ids = await stores.queued(5);
    await stores.sql(`UPDATE queue_state SET redis_run_id = 'of the run before'`);
    await stores.redis.client.lrem(stores.keys.waiting, 0, ids[2] ?? '');
    await stores.redis.client.hdel(stores.keys.jobs, ids[2] ?? '');
    await reconciler.look();
    expect(await stores.line()).toEqual(ids);
    expect(await stores.redis.client.zrange(stores.keys.failed, '0', '-1')).toEqual([failed]);
    expect(await reconciler.repaired()).toEqual({ redis_restarted: 1, dead_letter_missing: 1 });
  });

  it('delivers from where a push failed, and takes the mark away once nothing is missing', async () => {
    const before = await stores.queued(2);
    const behind = await stores.queuedOnRecord(3);
    await stores.open.repository.markRedisBehind(Number((await stores.row(behind[0] ?? ''))['queue_seq']));
    await reconciler.look();
    expect(await stores.line()).toEqual([...before, ...behind]);
    expect(await reconciler.repaired()).toEqual({ redis_behind: 3 });
    await reconciler.look();
    expect((await stores.open.repository.queueStateFacts()).redisBehind).toBeNull();
    expect(await reconciler.repaired()).toEqual({ redis_behind: 3 });
  });

  it('keeps the mark of a push that failed behind the place which a pass has just found in order', async () => {
    const [first = ''] = await stores.queued(1);
    const other = stores.another();
    const place = async (id: string): Promise<number> => Number((await stores.row(id))['queue_seq']);
    let late = '';
    const racing = createReconcilerOf(stores, {
      waitingPage: async (...args) => {
        const page = await stores.open.repository.waitingPage(...args);
        if (args[2] === undefined || args[2] > 0 || late !== '') return page; // the first page of the pass, and none else
        [late = ''] = await stores.discovered(1);
        await other.repository.enqueue([{ jobId: late, call: 0 }], 0);
        await other.repository.markRedisBehind(await place(late));
        return page;
      },
    });
    await other.repository.markRedisBehind(await place(first));
    await racing.look();
    expect(await stores.line()).toEqual([first]);
    expect((await other.repository.queueStateFacts()).redisBehind).not.toBeNull();
    await racing.look();
    expect(await stores.line()).toEqual([first, late]);
    await racing.look();
    expect((await other.repository.queueStateFacts()).redisBehind).toBeNull();
    expect(await racing.repaired()).toEqual({ redis_behind: 1 });
  });

  it('finds a job that nobody told it is missing, once it is a second old', async () => {
    const ids = await stores.queued(3);
    const [lost = ''] = await stores.queuedOnRecord(1);
    await reconciler.look();
    expect(await stores.line()).toEqual([...ids, lost]);
    const [young = ''] = await stores.discovered(1);
    await stores.open.repository.enqueue([{ jobId: young, call: 0 }], 0);
    await reconciler.look();
    expect(await stores.line()).toEqual([...ids, lost]);
    await waitFor('it to be a second old', async () => {
      await reconciler.look();
      return (await stores.line()).includes(young);
    });
    expect(await reconciler.repaired()).toEqual({ not_in_redis: 2 });
  });

  it('drops an entry that stands in no list, at the second look, and delivers its job', async () => {
    const ids = await stores.queued(3);
    await stores.redis.client.lrem(stores.keys.waiting, 0, ids[1] ?? '');
    await reconciler.look();
    expect(await stores.line()).toEqual([ids[0], ids[2]]);
    await reconciler.looks(1, 2000);
    expect(await stores.line()).toEqual(ids);
    expect(await reconciler.repaired()).toEqual({ count_mismatch: 2 });
  });

  it.each(['00000000-0000-4000-8000-000000000000', 'no job id'])(
    'drops an id in line that nobody waits for: %s',
    async (id) => {
      const ids = await stores.queued(3);
      await stores.redis.client.rpush(stores.keys.waiting, id);
      await reconciler.look();
      await reconciler.looks(1, 2000);
      expect(await stores.line()).toEqual(ids);
      expect(await reconciler.repaired()).toEqual({ count_mismatch: 1 });
    },
  );

  it('brings an id that stands in line twice, or in line and in hands, to one place', async () => {
    const ids = await stores.queued(5);
    const [a = '', b = '', c = '', d = ''] = ids;
    await take();
    await stores.claim(a);
    await stores.redis.client.lpush(stores.keys.waiting, c, a, b, c);
    await stores.redis.client.rpush(stores.keys.waiting, d);
    await reconciler.look();
    await reconciler.looks(1, 2000);
    expect([await stores.line(), await stores.active()]).toEqual([ids.slice(1), [a]]);
    const repaired = await reconciler.repaired();
    await reconciler.looks(3, 2000);
    expect(await reconciler.repaired()).toEqual(repaired);
    expect(Object.keys(await stores.entries())).toHaveLength(5);
  });

  it('drops what is settled deep in a long line, and moves nothing else', async () => {
    const ids = await stores.queuedOnRecord(4000);
    await stores.open.queue.rebuild();
    const settled = [5, 1500, 1501, 2999, 3990].map((place) => ids[place] ?? '');
    await stores.open.repository.cancel(settled, 'test');
    const commands = await commandsOf(() => reconciler.looks(4, 5000));
    expect(await stores.line()).toEqual(ids.filter((id) => !settled.includes(id)));
    expect(await reconciler.repaired()).toEqual({ settled_in_redis: 5 });
    expect(commands.get('lrem')).toBe(4);
    expect((commands.get('rpush') ?? 0) + (commands.get('ltrim') ?? 0)).toBe(0);
  });

  it('does not touch what was pushed while it was looking for ghosts', async () => {
    const ids = await stores.queued(3);
    await stores.redis.client.hset(stores.keys.jobs, 'ghost', '1');
    await reconciler.look();
    const pushing = stores.queued(200);
    await reconciler.looks(1, 2000);
    const more = await pushing;
    expect(await stores.line()).toEqual([...ids, ...more]);
    expect(Object.keys(await stores.entries())).toHaveLength(203);
  });

  it('takes what is settled out of line, at a slow look', async () => {
    const [a = '', b = '', c = ''] = await stores.queued(3);
    await stores.open.queue.cancel(b, 'test');
    await reconciler.looks(1, 5000);
    expect(await stores.line()).toEqual([a, c]);
    expect(await reconciler.repaired()).toEqual({ settled_in_redis: 1 });
  });

  it('returns to its place what stands in hands and nobody has claimed, at the second look', async () => {
    const ids = await stores.queued(3);
    await take();
    await reconciler.looks(1, 999);
    await reconciler.looks(1, 499);
    expect(await stores.line()).toEqual(ids.slice(1));
    await reconciler.looks(1, 1);
    expect(await stores.line()).toEqual(ids);
    expect(await reconciler.repaired()).toEqual({ active_unclaimed: 1 });
    expect(await stores.told(ids[0] ?? '')).toContain('dispatched');
  });

  it('looks through all that is in hands, a page a look, the oldest first', async () => {
    const ids = await stores.queuedOnRecord(2300);
    await stores.open.queue.rebuild();
    while ((await take()) !== null);
    const lost = [0, 1100, 2299].map((place) => ids[place] ?? '');
    const claimed = ids.filter((id) => !lost.includes(id));
    for (let at = 0; at < claimed.length; at += CLAIMED_AT_ONCE) {
      const asks = claimed.slice(at, at + CLAIMED_AT_ONCE).map((jobId) => ({ jobId, token: randomUUID() }));
      await stores.open.repository.claim(asks, holderOf());
    }
    await reconciler.looks(3, 1000);
    expect(await stores.line()).toEqual([]);
    await reconciler.looks(1, 1000);
    expect(await stores.line()).toEqual(lost.slice(0, 1));
    await reconciler.looks(2, 1000);
    expect(await stores.line()).toEqual(lost);
    expect((await stores.active()).toSorted()).toEqual(claimed.toSorted());
    expect(await reconciler.repaired()).toEqual({ active_unclaimed: 3 });
  });

  it('leaves what is claimed where it is', async () => {
    const [a = '', b = ''] = await stores.queued(2);
    await take();
    await stores.claim(a);
    await reconciler.looks(4, 2000);
    expect(await stores.active()).toEqual([a]);
    expect(await stores.line()).toEqual([b]);
    expect(await reconciler.repaired()).toEqual({});
  });

  it('drops from hands what is settled and was never acknowledged, at the second look', async () => {
    const [a = '', b = ''] = await stores.queued(2);
    await take();
    await stores.settle(await stores.claim(a), { kind: 'processed', last: undefined });
    await reconciler.looks(2, 1999);
    expect(await stores.active()).toEqual([a]);
    await reconciler.looks(1, 1);
    expect(await stores.active()).toEqual([]);
    expect(Object.keys(await stores.entries())).toEqual([b]);
    expect(await reconciler.repaired()).toEqual({ settled_in_redis: 1 });
  });

  it('drops what is no job id, also from hands: another producer may write to the same keys', async () => {
    await stores.queued(1);
    await stores.redis.client.hset(stores.keys.jobs, 'a', '{}', 'b', '{}');
    await stores.redis.client.lpush(stores.keys.waiting, 'a');
    await stores.redis.client.lpush(stores.keys.active, 'b');
    await reconciler.looks(3, 2500);
    expect([await stores.active(), Object.keys(await stores.entries()).length]).toEqual([[], 1]);
  });

  it('adds a dead letter that is missing, and removes one that is none', async () => {
    const failed = await stores.failed();
    await stores.redis.client.zadd(stores.keys.failed, 1, '00000000-0000-4000-8000-000000000000');
    await reconciler.looks(1, 5000);
    expect(await stores.redis.client.zrange(stores.keys.failed, '0', '-1')).toEqual([failed]);
    expect(await reconciler.repaired()).toEqual({ dead_letter_missing: 1, dead_letter_ghost: 1 });
  });

  it('moves an entry whose job has another place by now', async () => {
    const [a = '', b = '', c = ''] = await stores.queued(3);
    await stores.open.repository.cancel([a], 'test');
    await stores.open.repository.enqueue([{ jobId: a, call: 0 }], 0);
    await stores.sql(`UPDATE application_tracking SET queued_at = queued_at - interval '2 s'`);
    await reconciler.look();
    expect(await stores.line()).toEqual([b, c, a]);
  });
});

describe('two reconcilers at once', () => {
  it('do no harm to each other: each job is in line once, in order', async () => {
    const ids = await stores.queuedOnRecord(3000);
    await stores.redis.clean();
    const other = createReconcilerOf(stores);
    await Promise.all([reconciler.look(), other.look(), reconciler.looks(1, 5000), other.looks(1, 5000)]);
    expect(await stores.line()).toEqual(ids);
    expect(Object.keys(await stores.entries())).toHaveLength(3000);
  });

  it('and a worker that takes meanwhile: nothing is lost', async () => {
    const ids = await stores.queuedOnRecord(1500);
    await stores.redis.clean();
    const looking = Promise.all([reconciler.look(), createReconcilerOf(stores).look()]);
    const taken = new Set<string>();
    for (let n = 0; n < 300; n += 1) {
      const id = await take();
      if (id !== null) taken.add(id);
    }
    await looking;
    await deliver(stores.store, stores.keys, []);
    const line = await stores.line();
    expect(new Set([...line, ...taken]).size).toBe(ids.length);
    expect(line).toEqual(ids.filter((id) => line.includes(id)));
    expect(line.length + (await stores.active()).length).toBe(ids.length);
  });
});

/** Commands that the server ran, those of scripts among them, by name. */
async function commandsOf(work: () => Promise<void>): Promise<Map<string, number>> {
  await stores.redis.client.config('RESETSTAT');
  await work();
  const text = await stores.redis.client.info('commandstats');
  const counts = [...text.matchAll(/^cmdstat_([a-z|]+):calls=(\d+)/gm)].map(
    ([, name = '', calls]) => [name, Number(calls)] as const,
  );
  return new Map(counts.filter(([name]) => name !== 'config|resetstat'));
}

const WRITES =
  /^(set|del|unlink|l?push|rpush|lpush|linsert|lrem|ltrim|hset|hsetnx|hdel|zadd|zrem.*|sadd|srem|publish|.*expire)$/;

describe('where nothing differs', () => {
  it('a look at an empty queue is one call, and writes nothing', async () => {
    const commands = await commandsOf(() => reconciler.look());
    expect(Object.fromEntries(commands)).toEqual({ evalsha: 1, exists: 1, info: 1, hlen: 1, llen: 2, zcard: 1 });
  });

  it('a look at a queue at work compares one page, and writes nothing', async () => {
    const ids = await stores.queued(50);
    await take();
    await stores.claim(ids[0] ?? '');
    await stores.sql(`UPDATE application_tracking SET queued_at = queued_at - interval '2 s'`);
    await reconciler.look();
    const before = await stores.sql('SELECT xmin::text, status FROM application_tracking ORDER BY queue_seq');
    const commands = await commandsOf(() => reconciler.looks(1, 100));
    expect(commands.get('evalsha')).toBe(2);
    expect(commands.get('lrange')).toBe(1);
    expect([...commands.keys()].filter((name) => WRITES.test(name))).toEqual([]);
    expect(await stores.sql('SELECT xmin::text, status FROM application_tracking ORDER BY queue_seq')).toEqual(before);
    expect(await reconciler.repaired()).toEqual({});
  });
});
