// One way to dial: options as a table, and what its errors say.
import type { RedisTarget } from '@jobhive/config';
import { testRedis, waitFor, type TestRedis } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisAwayError, RedisDeniedError } from '../../src/errors.ts';
import { bounded, dialOptions, isAway, openRedis } from '../../src/redis/connect.ts';
import { environmentOf, recordLog } from '../stores.ts';

const targetOf = (url: string): RedisTarget => environmentOf(url).redis;

describe('the options of a connection', () => {
  const table: [string, object][] = [
    ['redis://h:7000', { host: 'h', port: 7000, db: 0 }],
    ['redis://:p%40ss@h/3', { host: 'h', port: 6379, db: 3, password: 'p@ss' }],
    ['redis://user:p@h', { username: 'user', password: 'p' }],
    ['rediss://h:7000', { host: 'h', port: 7000, tls: { servername: 'h' } }],
    [
      'redis+sentinel://a:1,b:2/main/4',
      {
        sentinels: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
        name: 'main',
        db: 4,
      },
    ],
    [
      'redis+sentinel://user:p@a:1/main',
      { sentinels: [{ host: 'a', port: 1 }], username: 'user', password: 'p', db: 0 },
    ],
  ];

  it.each(table)('%s', (url, options) => {
    expect(dialOptions(targetOf(url))).toMatchObject(options);
  });

  it.each(table)('%s: nothing is kept or sent twice, every call has a bound', (url) => {
    expect(dialOptions(targetOf(url))).toMatchObject({
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: 2000,
      connectTimeout: 5000,
    });
  });

  it('have no user, password or TLS where none is told', () => {
    const options = dialOptions(targetOf('redis://h'));
    expect(['username', 'password', 'tls', 'sentinels'].filter((key) => key in options)).toEqual([]);
    expect('host' in dialOptions(targetOf('redis+sentinel://a:1/main'))).toBe(false);
  });

  it('dial the sentinels for ever, too, and a replica that was made the main one anew', () => {
    const options = dialOptions(targetOf('redis+sentinel://a:1/main'));
    expect([1, 100].map((times) => options.sentinelRetryStrategy?.(times))).toEqual([100, 2000]);
    expect(options.reconnectOnError?.(new Error("READONLY You can't write against a read only replica."))).toBe(1);
    expect(options.reconnectOnError?.(new Error('WRONGTYPE'))).toBe(false);
  });
});

describe('an error', () => {
  it.each([
    [new Error('connect ECONNREFUSED 127.0.0.1:1'), true],
    [Object.assign(new Error('x'), { code: 'ETIMEDOUT' }), true],
    [new Error('Command timed out'), true],
    [new Error('Connection is closed.'), true],
    [new Error('LOADING Redis is loading the dataset in memory'), true],
    [new Error('OOM command not allowed'), true],
    [Object.assign(new Error('x'), { name: 'MaxRetriesPerRequestError' }), true],
    [new Error('WRONGTYPE Operation against a key'), false],
    [new Error('NOSCRIPT No matching script'), false],
    ['a text', false],
  ])('%s says that Redis is away: %s', (error, away) => {
    expect(isAway(error)).toBe(away);
  });
});

describe('a store', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await testRedis();
  });
  afterAll(() => redis.stop());

  it('tells its place without credentials', () => {
    const places = ['redis://u:secret@h:7000/2', 'redis+sentinel://u:secret@a:1,b:2/main/4'].map((url) => {
      const store = openRedis(targetOf(url), recordLog());
      void store.close();
      return store.where;
    });
    expect(places).toEqual(['h:7000/2', 'a:1,b:2/main/4']);
  });

  it('answers the questions of doctor and status', async () => {
    const store = openRedis(targetOf(redis.url), recordLog());
    await store.ready(5000);
    expect(await store.ping()).toBeGreaterThan(0);
    expect((await store.info('server'))['redis_mode']).toBe('standalone');
    expect(Math.abs((await store.timeMs()) - Date.now())).toBeLessThan(60_000);
    await store.close();
    await store.close();
  });

  it('tells a refused command as denied, and a mistake of ours as it is', async () => {
    await redis.client.acl('SETUSER', 'small', 'on', '>word', '~*', '+@all', '-config');
    const store = openRedis(targetOf(`redis://small:word@127.0.0.1:${String(redis.port)}`), recordLog());
    await store.ready(5000);
    await expect(store.run((client) => client.config('GET', 'save'))).rejects.toBeInstanceOf(RedisDeniedError);
    await store.run((client) => client.set('text', 'x'));
    await expect(store.run((client) => client.lpush('text', 'y'))).rejects.toThrow('WRONGTYPE');
    await store.close();
  });

  it('tells once that Redis is away and once that it is back, and nothing of its own end', async () => {
    const log = recordLog();
    const store = openRedis(targetOf(redis.url), log);
    await store.ready(5000);
    await redis.server.stop();
    await waitFor('it to be told', () => log.told.length === 1);
    await expect(store.ready(300)).rejects.toBeInstanceOf(RedisAwayError);
    await redis.server.restart();
    await store.ready(10_000);
    await store.close();
    await waitFor('the end', () => !store.isReady);
    expect(log.told.map((one) => [one.event, one.fields['where']])).toEqual([
      ['redis.away', store.where],
      ['redis.back', store.where],
    ]);
  });

  it('bounds what never ends, and hands its own errors on', async () => {
    const store = openRedis(targetOf(redis.url), recordLog());
    await expect(bounded(store, 20, new Promise(() => undefined))).rejects.toBeInstanceOf(RedisAwayError);
    const own = new RedisAwayError(undefined, 'there');
    await expect(bounded(store, 20, Promise.reject(own))).rejects.toBe(own);
    expect(await bounded(store, 1000, Promise.resolve(7))).toBe(7);
    await store.close();
  });
});
