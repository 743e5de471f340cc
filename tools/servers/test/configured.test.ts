import { describe, expect, it } from 'vitest';
import { configuredDatabaseUrl, configuredRedisUrl } from '../src/configured.ts';

describe('configuredRedisUrl', () => {
  it.each([
    [{}, undefined],
    [{ REDIS_URL: '', REDIS_HOST: '' }, undefined],
    [{ REDIS_URL: 'rediss://r:1', REDIS_HOST: 'other' }, 'rediss://r:1'],
    [{ REDIS_PORT: '7000' }, 'redis://localhost:7000/0'],
    [{ REDIS_HOST: 'r', REDIS_DB: '2', REDIS_USERNAME: 'me', REDIS_PASSWORD: 'p@ss' }, 'redis://me:p%40ss@r:6379/2'],
  ])('from %j is %j', (env, url) => {
    expect(configuredRedisUrl(env)).toBe(url);
  });
});

describe('configuredDatabaseUrl', () => {
  it('takes an empty value for an unset one', () => {
    expect(configuredDatabaseUrl({ DATABASE_URL: '' })).toBeUndefined();
    expect(configuredDatabaseUrl({ DATABASE_URL: 'postgres://x' })).toBe('postgres://x');
  });
});
