// enqueue: record first, deliver second, and say which of both held.
import { randomUUID } from 'node:crypto';
import { silentLogger } from '@jobhive/config';
import { JobNotFoundError, RateLimitedError, RECONCILER_LEASE, WrongStatusError } from '@jobhive/db';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { acknowledge } from '../../src/delivery/acknowledge.ts';
import { createEnqueuer } from '../../src/dispatch/enqueue.ts';
import { createReconcilerOf } from '../reconcile/looks.ts';
import { errorOf, openStores, type Stores } from '../stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
beforeEach(async () => {
  await stores.sql('DELETE FROM leases'); // of the reconciler of the test before
  await stores.open.queue.clear('test');
  await stores.redis.clean();
  await stores.redis.client.set(stores.keys.whole, '1');
});
afterAll(() => stores.stop());

const statusOf = async (jobId: string): Promise<unknown> => (await stores.row(jobId))['status'];

describe('an enqueue', () => {
  it('answers the place in line, and that it is dispatched', async () => {
    const [first = '', second = ''] = await stores.discovered(2);
    const { queue } = stores.open;
    expect(await queue.enqueueJob(first)).toEqual({
      job_id: first,
      queue_position: 1,
      estimated_wait_time: null,
      dispatched: true,
      already_queued: false,
    });
    expect(await queue.enqueueJob(second)).toMatchObject({ queue_position: 2 });
    expect(await stores.line()).toEqual([first, second]);
    expect(stores.log.all('job.queued', 'job_id')).toEqual(expect.arrayContaining([first, second]));
  });

  it('estimates the wait from the pace of the workers, once it is known', async () => {
    await stores.redis.client.set(stores.keys.pace, '2 500');
    const other = stores.another();
    const ids = await stores.discovered(5);
    const results = await other.queue.enqueueJobs(ids);
    expect(results.map((one) => one.estimated_wait_time)).toEqual([0, 0, 0.5, 0.5, 1]);
  });

  it('of several ids answers each, in order, an id given twice once', async () => {
    const [a = '', b = '', c = ''] = await stores.discovered(3);
    await stores.open.queue.enqueueJob(b);
    const results = await stores.open.queue.enqueueJobs([a, b, a, c]);
    expect(results.map((one) => [one.job_id, one.queue_position, one.already_queued])).toEqual([
      [a, 2, false],
      [b, null, true],
      [c, 3, false],
    ]);
  });

  it('of a cancelled job puts it behind those that wait, though its old entry stands in line', async () => {
    const [a = '', b = ''] = await stores.queued(2);
    await stores.open.queue.cancel(a, 'test');
    expect(await stores.open.queue.enqueueJob(a)).toMatchObject({ queue_position: 2, already_queued: false });
    expect(await stores.line()).toEqual([b, a]);
  });

  it('is timed, and what it queued is counted', async () => {
    const [a = '', b = '', c = ''] = await stores.discovered(3);
    const { queue, metrics } = stores.another();
    await queue.enqueueJob(a);
    await queue.enqueueJobs([a, b, c]);
    const lines = (await metrics.render()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining(['jobhive_enqueue_duration_seconds_count 2', 'jobhive_jobs_total{status="queued"} 3']),
    );
    const sum = lines.find((line) => line.startsWith('jobhive_enqueue_duration_seconds_sum '));
    expect(Number(sum?.split(' ')[1])).toBeGreaterThan(0);
  });

  it('of fifty callers at once is a few statements and pushes', async () => {
    const ids = await stores.discovered(50);
    const asked = { statements: 0, pushes: 0 };
    const { repository, pusher } = stores.open;
    const enqueuer = createEnqueuer({
      repository: { ...repository, enqueue: (...args) => ((asked.statements += 1), repository.enqueue(...args)) },
      pusher: { ...pusher, push: (jobs) => ((asked.pushes += 1), pusher.push(jobs)) },
      limitPerMinute: 0,
      log: silentLogger,
    });
    const results = await Promise.all(ids.map((id) => enqueuer.enqueueOne(id)));
    expect(results.map((one) => one.queue_position)).toEqual(ids.map((_, i) => i + 1));
    expect(await stores.line()).toEqual(ids);
    expect(asked.statements).toBeLessThanOrEqual(3);
    expect(asked.pushes).toBeLessThanOrEqual(3);
  });

  it('of one caller who is refused does not disturb the others in its statement', async () => {
    const ids = await stores.discovered(3);
    const settled = await Promise.allSettled(
      [ids[0], randomUUID(), ids[1], ids[2]].map((id) => stores.open.queue.enqueueJob(id ?? '')),
    );
    expect(settled.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(await stores.line()).toEqual(ids);
  });
});

describe('an enqueue that is refused', () => {
  it('for an unknown id names it, and enqueues none of the call', async () => {
    const [known = ''] = await stores.discovered(1);
    const unknown = randomUUID();
    const refused = stores.open.queue.enqueueJobs([known, unknown]);
    await expect(refused).rejects.toBeInstanceOf(JobNotFoundError);
    await expect(refused).rejects.toThrow(unknown);
    expect(await statusOf(known)).toBe('discovered');
    expect(await stores.line()).toEqual([]);
  });

  it('for a failed job names the command that brings it back', async () => {
    const [known = ''] = await stores.discovered(1);
    const failed = await stores.failed();
    const refused = stores.open.queue.enqueueJobs([known, failed]);
    await expect(refused).rejects.toBeInstanceOf(WrongStatusError);
    await expect(refused).rejects.toThrow(`retry --job-id ${failed}`);
    expect(await statusOf(known)).toBe('discovered');
  });

  it('for a processed job says so', async () => {
    const [jobId = ''] = await stores.queued(1);
    await stores.settle(await stores.claim(jobId), { kind: 'processed', last: undefined });
    await expect(stores.open.queue.enqueueJob(jobId)).rejects.toThrow('is processed already');
  });

  it('for the budget says when to ask again, and leaves the job as it was', async () => {
    const [a = '', b = ''] = await stores.discovered(2);
    const limited = stores.another({ ENQUEUE_RATE_LIMIT: '1' });
    expect(await limited.queue.enqueueJob(a)).toMatchObject({ dispatched: true });
    const refused = limited.queue.enqueueJob(b);
    await expect(refused).rejects.toBeInstanceOf(RateLimitedError);
    await expect(refused).rejects.toThrow('1 jobs a minute');
    expect(await refused.catch((error: RateLimitedError) => error.retryAfterSeconds)).toBeGreaterThan(0);
    expect(await statusOf(b)).toBe('discovered');
  });
});

describe('an enqueue into a Redis that was emptied', () => {
  it('makes it whole, where no worker lives to do it: the old jobs stand before the new one', async () => {
    const old = await stores.queued(3);
    await stores.redis.clean();
    const [fresh = ''] = await stores.discovered(1);
    expect(await stores.open.queue.enqueueJob(fresh)).toMatchObject({ dispatched: true, queue_position: 4 });
    expect(await stores.line()).toEqual([...old, fresh]);
    expect(await stores.redis.client.exists(stores.keys.whole)).toBe(1);
  });

  it('leaves that to a worker that lives: nothing is pushed before the old jobs', async () => {
    const { repository, queue } = stores.open;
    const old = await stores.queued(3);
    const worker = randomUUID();
    await repository.takeLease(RECONCILER_LEASE, worker, 10_000);
    await stores.redis.clean();
    const [fresh = ''] = await stores.discovered(1);
    expect(await queue.enqueueJob(fresh)).toMatchObject({ dispatched: false, queue_position: null });
    expect(await stores.line()).toEqual([]);
    expect(stores.log.all('queue.delivery_failed', 'reason')).toContain('redis_not_whole');
    await repository.leaveLease(RECONCILER_LEASE, worker);
    await createReconcilerOf(stores).look();
    expect(await stores.line()).toEqual([...old, fresh]);
  });

  it('leaves that to a worker where too much waits for one caller to do', async () => {
    await stores.queuedOnRecord(2001);
    await stores.redis.clean();
    const [fresh = ''] = await stores.discovered(1);
    expect(await stores.open.queue.enqueueJob(fresh)).toMatchObject({ dispatched: false });
    expect(await stores.redis.client.dbsize()).toBe(0);
  });
});

describe('an enqueue into a Redis that has lost its entries', () => {
  it('puts nothing beside what stands in line: it is made whole, where no worker lives to do it', async () => {
    const old = await stores.queued(3);
    await stores.redis.client.unlink(stores.keys.jobs);
    const [a = ''] = old;
    await stores.open.queue.cancel(a, 'test');
    expect(await stores.open.queue.enqueueJob(a)).toMatchObject({ dispatched: true, queue_position: 3 });
    expect(await stores.line()).toEqual([...old.slice(1), a]);
    expect(Object.keys(await stores.entries())).toHaveLength(3);
  });

  it('pushes what does not stand there', async () => {
    const old = await stores.queued(3);
    await stores.redis.client.unlink(stores.keys.jobs);
    const [fresh = ''] = await stores.discovered(1);
    expect(await stores.open.queue.enqueueJob(fresh)).toMatchObject({ dispatched: true, queue_position: 4 });
    expect(await stores.line()).toEqual([...old, fresh]);
  });

  it('leaves that to a worker that lives', async () => {
    const reconciler = createReconcilerOf(stores);
    const old = await stores.queued(3);
    await reconciler.look();
    await stores.redis.client.unlink(stores.keys.jobs);
    const [a = ''] = old;
    await stores.open.queue.cancel(a, 'test');
    expect(await stores.open.queue.enqueueJob(a)).toMatchObject({ dispatched: false });
    expect(await stores.line()).toEqual(old);
    await reconciler.looks(2, 2000);
    expect(await stores.line()).toEqual([...old.slice(1), a]);
    expect(Object.keys(await stores.entries())).toHaveLength(3);
  });
});

describe('an enqueue of what was queued before and never pushed', () => {
  /** An enqueuer whose producer dies after the commit. */
  const losing = (answers: number) => {
    let left = answers;
    const { repository, pusher } = stores.open;
    return createEnqueuer({
      repository: {
        ...repository,
        enqueue: async (...args) => {
          const told = await repository.enqueue(...args);
          if ((left -= 1) < 0) return told;
          throw new Error('the answer was lost');
        },
      },
      pusher,
      limitPerMinute: 0,
      log: silentLogger,
    });
  };

  it('puts it at its place, before what is enqueued later', async () => {
    const [a = '', b = '', later = ''] = await stores.discovered(3);
    const enqueuer = losing(1);
    await expect(enqueuer.enqueueAll([a])).rejects.toThrow('the answer was lost');
    await stores.open.queue.enqueueJob(b);
    expect(await enqueuer.enqueueAll([a])).toMatchObject([
      { dispatched: true, already_queued: true, queue_position: null },
    ]);
    await stores.open.queue.enqueueJob(later);
    expect(await stores.line()).toEqual([a, b, later]);
  });

  it('says dispatched: false while Redis is away, and comes with the reconciler', async () => {
    const [a = ''] = await stores.discovered(1);
    const enqueuer = losing(1);
    const reconciler = createReconcilerOf(stores);
    await reconciler.look();
    await expect(enqueuer.enqueueOne(a)).rejects.toThrow('the answer was lost');
    await stores.redis.server.stop();
    expect(await enqueuer.enqueueOne(a)).toMatchObject({ dispatched: false, already_queued: true });
    expect((await stores.open.repository.queueStateFacts()).redisBehind).not.toBeNull();
    await stores.redis.server.restart();
    await stores.store.ready(10_000);
    await reconciler.looks(2, 1000);
    expect(await stores.line()).toEqual([a]);
  });

  it('leaves alone what waits for a retry, is in hands, or stands in line', async () => {
    const [retried = '', taken = '', stands = ''] = await stores.queued(3);
    const taking = (): Promise<unknown> => stores.redis.client.rpoplpush(stores.keys.waiting, stores.keys.active);
    await taking();
    const error = errorOf();
    await stores.settle(await stores.claim(retried), { kind: 'retry', delaySeconds: 60, spendsAttempt: true, error });
    await acknowledge(stores.store, stores.keys, [{ jobId: retried, finished: false }], 60);
    await taking();
    const results = await stores.open.queue.enqueueJobs([retried, taken, stands]);
    expect(results.map((one) => [one.dispatched, one.queue_position])).toEqual([
      [true, null],
      [true, null],
      [true, null],
    ]);
    expect([await stores.line(), await stores.active()]).toEqual([[stands], [taken]]);
  });
});

describe('an enqueue while Redis is away', () => {
  it('is recorded, says dispatched: false within its bound, and comes in order when Redis is back', async () => {
    const { queue, repository } = stores.open;
    const before = await stores.queued(2);
    const reconciler = createReconcilerOf(stores);
    await reconciler.look();
    await stores.redis.server.stop();
    const ids = await stores.discovered(4);
    const from = performance.now();
    const results = [await queue.enqueueJob(ids[0] ?? ''), ...(await queue.enqueueJobs(ids.slice(1)))];
    expect(performance.now() - from).toBeLessThan(3000); // two pushes of 500 ms, on a machine that may be busy
    expect(results.map((one) => [one.dispatched, one.queue_position, one.already_queued])).toEqual(
      ids.map(() => [false, null, false]),
    );
    expect(await statusOf(ids[0] ?? '')).toBe('queued');
    expect((await repository.queueStateFacts()).redisBehind).not.toBeNull();

    await stores.redis.server.restart();
    await stores.store.ready(10_000);
    await reconciler.looks(3, 1000);
    expect(await stores.line()).toEqual([...before, ...ids]);
    expect((await repository.queueStateFacts()).redisBehind).toBeNull();
  });
});
