// An enqueue whose answer is lost on the wire, by either store, after it was carried out: the caller may ask again, and the job
// is queued once and stands in line once.
import { PostgresAwayError } from '@jobhive/db';
import { tcpProxy, waitFor, type Proxy } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenQueue } from '../../src/open-queue.ts';
import { createReconcilerOf } from '../reconcile/looks.ts';
import { openStores, type Stores } from '../stores.ts';

let stores: Stores;
let toPostgres: Proxy;
let toRedis: Proxy;
let producer: OpenQueue;
beforeAll(async () => {
  stores = await openStores();
  const direct = new URL(stores.database.url);
  toPostgres = await tcpProxy(Number(direct.port), direct.hostname);
  toRedis = await tcpProxy(stores.redis.port);
  direct.port = String(toPostgres.port);
  direct.hostname = '127.0.0.1';
  producer = stores.another({ DATABASE_URL: direct.href, REDIS_URL: `redis://127.0.0.1:${String(toRedis.port)}` });
  await producer.redis.ready(5000);
});
afterAll(async () => {
  await stores.stop();
  await toPostgres.close();
  await toRedis.close();
});

describe('an enqueue', () => {
  it('that Postgres committed and whose answer was lost is told as an outage; asked again, it delivers what it had queued', async () => {
    const [jobId = ''] = await stores.discovered(1);
    await producer.database.ping();
    toPostgres.loseAnswers(true);
    const answer = producer.queue.enqueueJob(jobId).catch((error: unknown) => error);
    await waitFor('the commit', async () => (await stores.row(jobId))['status'] === 'queued');
    await toPostgres.heal();
    expect(await answer).toBeInstanceOf(PostgresAwayError);
    expect(await stores.line()).toEqual([]);
    expect(await producer.queue.enqueueJob(jobId)).toMatchObject({ already_queued: true, dispatched: true });
    expect(await stores.line()).toEqual([jobId]);
    expect(await stores.told(jobId)).toEqual(['discovered', 'queued']);
  });

  it('that Postgres committed and nobody asks for again is delivered by the reconciler', async () => {
    const before = await stores.line();
    const [jobId = ''] = await stores.discovered(1);
    toPostgres.loseAnswers(true);
    const answer = producer.queue.enqueueJob(jobId).catch((error: unknown) => error);
    await waitFor('the commit', async () => (await stores.row(jobId))['status'] === 'queued');
    await toPostgres.heal();
    expect(await answer).toBeInstanceOf(PostgresAwayError);
    const reconciler = createReconcilerOf(stores);
    await waitFor('the delivery', async () => {
      await reconciler.look();
      return (await stores.line()).includes(jobId);
    });
    expect(await stores.line()).toEqual([...before, jobId]);
    expect(await stores.told(jobId)).toEqual(['discovered', 'queued', 'dispatched']);
  });

  it('that Redis carried out and whose answer was lost stands in line once, whoever pushes it again', async () => {
    const before = await stores.line();
    const [jobId = ''] = await stores.discovered(1);
    await producer.redis.ping();
    toRedis.loseAnswers(true);
    const answer = producer.queue.enqueueJob(jobId);
    await waitFor('the push', async () => (await stores.line()).includes(jobId));
    await toRedis.heal();
    expect(await answer).toMatchObject({ dispatched: false, queue_position: null });
    await producer.redis.ready(5000);
    expect(await producer.queue.enqueueJob(jobId)).toMatchObject({ already_queued: true, dispatched: true });
    const reconciler = createReconcilerOf(stores);
    await reconciler.looks(3, 2000);
    expect(await stores.line()).toEqual([...before, jobId]);
    expect(await stores.told(jobId)).toEqual(['discovered', 'queued']);
    expect((await stores.open.repository.queueStateFacts()).redisBehind).toBeNull();
  });
});
