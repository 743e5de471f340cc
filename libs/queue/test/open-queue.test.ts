// The face of the queue: the acts of an operator, and what a program needs before it begins.
import { randomUUID } from 'node:crypto';
import { silentLogger } from '@jobhive/config';
import {
  JobNotFoundError,
  NotMigratedError,
  PostgresAwayError,
  PostgresDeniedError,
  WrongStatusError,
} from '@jobhive/db';
import { testRedis, testServerUrl, waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RedisAwayError, RedisDeniedError } from '../src/errors.ts';
import { openQueue, requireServices, type OpenQueue } from '../src/open-queue.ts';
import { listenForSignals, signalLook } from '../src/workers/signals.ts';
import { environmentOf, openStores, type Stores } from './stores.ts';

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

describe('a cancel', () => {
  it('of a queued job cancels it; asked again it says the same and records nothing', async () => {
    const [jobId = ''] = await stores.queued(1);
    const { queue } = stores.open;
    expect(await queue.cancel(jobId, 'test')).toEqual({ job_id: jobId, status: 'cancelled' });
    expect(await queue.cancel(jobId, 'test')).toEqual({ job_id: jobId, status: 'cancelled' });
    expect(await stores.told(jobId)).toEqual(['discovered', 'queued', 'cancelled']);
  });

  it('of a job in processing is on record, and workers are told to look', async () => {
    let looks = 0;
    const listening = listenForSignals(stores.store, stores.keys, () => (looks += 1));
    const heard = async (): Promise<boolean> => {
      await signalLook(stores.store, stores.keys);
      return looks > 0;
    };
    await waitFor('the listener', heard);
    await waitFor('quiet', async () => (await stores.store.ping()) > 0);
    looks = 0;
    const [jobId = ''] = await stores.queued(1);
    await stores.claim(jobId);
    expect(await stores.open.queue.cancel(jobId, 'test')).toEqual({ job_id: jobId, status: 'processing' });
    expect((await stores.row(jobId))['cancel_requested_at']).not.toBeNull();
    await waitFor('the word', () => looks > 0);
    listening.stop();
  });

  it('of a job that cannot be cancelled is refused', async () => {
    const [discovered = ''] = await stores.discovered(1);
    const { queue } = stores.open;
    await expect(queue.cancel(discovered, 'test')).rejects.toThrow('only a queued or processing job can be cancelled');
    await expect(queue.cancel(randomUUID(), 'test')).rejects.toBeInstanceOf(JobNotFoundError);
  });
});

it('a cancel of a queued job and a discard count a cancelled job, once; the wish for a running one counts none', async () => {
  const [waiting = '', running = ''] = await stores.queued(2);
  await stores.claim(running);
  const failed = await stores.failed();
  const { queue, metrics } = stores.another();
  const cancelled = async (): Promise<unknown> =>
    (await metrics.jobsTotal.get()).values.find(({ labels }) => labels.status === 'cancelled')?.value;
  for (const jobId of [waiting, waiting]) await queue.cancel(jobId, 'test');
  expect(await cancelled()).toBe(1);
  await queue.cancel(running, 'test');
  expect(await cancelled()).toBe(1);
  await queue.discard(failed, 'test');
  expect(await cancelled()).toBe(2);
});

describe('the dead letters', () => {
  it('are listed, grouped and shown', async () => {
    const a = await stores.failed({ fingerprint: 'aaa', message: 'one' });
    const b = await stores.failed({ fingerprint: 'bbb', message: 'two' });
    const c = await stores.failed({ fingerprint: 'bbb', message: 'two' });
    const { queue } = stores.open;
    expect((await queue.failedList(2)).map((letter) => letter.job_id)).toEqual([a, b]);
    expect(await queue.failedGroups()).toMatchObject([
      { fingerprint: 'bbb', count: 2, message: 'two', stage: 'match' },
      { fingerprint: 'aaa', count: 1 },
    ]);
    const shown = await queue.failedShow(c);
    expect(shown).toMatchObject({ job_id: c, error_info: { fingerprint: 'bbb' } });
    expect(Number.isNaN(Date.parse(shown.failed_at))).toBe(false);
  });

  it('that are none cannot be shown', async () => {
    const [queued = ''] = await stores.queued(1);
    await expect(stores.open.queue.failedShow(queued)).rejects.toBeInstanceOf(WrongStatusError);
    await expect(stores.open.queue.failedShow(randomUUID())).rejects.toBeInstanceOf(JobNotFoundError);
  });

  it('are discarded one by one, and kept in history', async () => {
    const jobId = await stores.failed();
    await stores.open.deadLetters.mendAll();
    const { queue } = stores.open;
    expect(await queue.discard(jobId, 'test')).toEqual({ job_id: jobId, status: 'cancelled' });
    expect(await stores.redis.client.exists(stores.keys.failed)).toBe(0);
    expect(await stores.told(jobId)).toContain('discarded');
    await expect(queue.discard(jobId, 'test')).rejects.toThrow('not failed; nothing was discarded');
    await expect(queue.discard(randomUUID(), 'test')).rejects.toBeInstanceOf(JobNotFoundError);
  });

  it('are discarded with Redis away, too: the reconciler finds the ghost', async () => {
    const jobId = await stores.failed();
    const away = stores.another({ REDIS_URL: 'redis://127.0.0.1:1' });
    expect(await away.queue.discard(jobId, 'test')).toMatchObject({ status: 'cancelled' });
  });
});

describe('a pause', () => {
  it('is kept in Postgres, outlives Redis, and ends by a resume', async () => {
    const { queue, repository } = stores.open;
    expect(await queue.pause('test')).toEqual({ paused: true });
    await stores.redis.clean();
    expect((await repository.queueStateFacts()).paused).toBe(true);
    expect((await queue.status()).paused).toBe(true);
    expect(await queue.resume('test')).toEqual({ paused: false });
    expect((await queue.status()).paused).toBe(false);
    expect(stores.log.told.map((one) => one.event)).toEqual(expect.arrayContaining(['queue.paused', 'queue.resumed']));
  });
});

describe('what a program needs before it begins', () => {
  const all = { redis: true, postgres: true, migrated: true };
  const opened: OpenQueue[] = [];
  const open = (redisUrl: string, databaseUrl: string): OpenQueue => {
    const environment = environmentOf(redisUrl, { DATABASE_URL: databaseUrl });
    const one = openQueue({ environment, log: silentLogger, role: 'operator' });
    opened.push(one);
    return one;
  };
  afterAll(() => Promise.all(opened.map((one) => one.stop())));

  it('is there', async () => {
    await requireServices(open(stores.redis.url, stores.database.url), all);
  });

  it('is told as missing: Redis', async () => {
    const away = open('redis://127.0.0.1:1', stores.database.url);
    await requireServices(away, { ...all, redis: false });
    await expect(requireServices(away, all)).rejects.toBeInstanceOf(RedisAwayError);
  });

  it('is told as missing: Postgres, its password, its database, its migrations', async () => {
    const server = new URL(testServerUrl());
    const at = (change: (url: URL) => void): OpenQueue => {
      const url = new URL(stores.database.url);
      change(url);
      return open(stores.redis.url, url.href);
    };
    const away = at((url) => (url.port = '1'));
    await requireServices(away, { redis: true, postgres: false, migrated: false });
    await expect(requireServices(away, all)).rejects.toBeInstanceOf(PostgresAwayError);
    const denied = at((url) => (url.pathname = '/no_such_database'));
    await expect(requireServices(denied, all)).rejects.toBeInstanceOf(PostgresDeniedError);
    const empty = at((url) => (url.pathname = server.pathname));
    await requireServices(empty, { ...all, migrated: false });
    await expect(requireServices(empty, all)).rejects.toBeInstanceOf(NotMigratedError);
  });

  it('is refused by Redis: a wrong password is told at once, without it', async () => {
    const locked = await testRedis({ password: 'a secret word' });
    const wrong = open(`redis://:wrong-word@127.0.0.1:${String(locked.port)}`, stores.database.url);
    const refused = requireServices(wrong, all);
    await expect(refused).rejects.toBeInstanceOf(RedisDeniedError);
    await expect(refused).rejects.not.toThrow('wrong-word');
    const right = open(`redis://:a%20secret%20word@127.0.0.1:${String(locked.port)}`, stores.database.url);
    await requireServices(right, all);
    await locked.stop();
  });
});
