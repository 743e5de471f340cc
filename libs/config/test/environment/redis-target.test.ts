import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from '../../src/environment/redis-target.ts';

const single = { kind: 'single', port: 6379, db: 0, username: undefined, password: undefined, tls: false };
const sentinel = { kind: 'sentinel', db: 0, username: undefined, password: undefined };

describe('REDIS_URL is taken apart', () => {
  it.each([
    ['redis://localhost', { ...single, host: 'localhost' }],
    ['redis://localhost/', { ...single, host: 'localhost' }],
    ['rediss://r.example:6380/15', { ...single, host: 'r.example', port: 6380, db: 15, tls: true }],
    ['redis://:pa%40ss%2F@h', { ...single, host: 'h', password: 'pa@ss/' }],
    ['redis://us%3Aer:p:q@h:1', { ...single, host: 'h', port: 1, username: 'us:er', password: 'p:q' }],
    ['redis://user@h', { ...single, host: 'h', username: 'user' }],
    ['redis://@h', { ...single, host: 'h' }],
    ['redis://[::1]:7000/2', { ...single, host: '::1', port: 7000, db: 2 }],
    [
      'redis+sentinel://a:26379,b:26380/mymaster',
      {
        ...sentinel,
        sentinels: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 26380 },
        ],
        name: 'mymaster',
      },
    ],
    [
      'redis+sentinel://u:p%25@[::1]:26379/my%20master/3',
      {
        ...sentinel,
        sentinels: [{ host: '::1', port: 26379 }],
        name: 'my master',
        db: 3,
        username: 'u',
        password: 'p%',
      },
    ],
  ])('%s', (text, target) => {
    expect(parseRedisUrl(text)).toEqual(target);
  });
});

describe('REDIS_URL is refused where something would be ignored or guessed', () => {
  it.each([
    'localhost:6379',
    'http://localhost',
    'redis://',
    'redis://:p@',
    'redis://h:0',
    'redis://h:65536',
    'redis://h:x',
    'redis://h/x',
    'redis://h/-1',
    'redis://h/1/2',
    'redis://h/99999999999',
    'redis://h/0?family=6',
    'redis://h#x',
    'redis://a:1,b:2/0',
    'redis://:pa#ss@h',
    'redis://:p%zz@h',
    'redis://u%:p@h',
    ' redis://h',
    'redis://h ',
    'redis+sentinel://a:1',
    'redis+sentinel://a:1/',
    'redis+sentinel://a/name',
    'redis+sentinel://a:1,/name',
    'redis+sentinel://a:1/name/x',
    'redis+sentinel://a:1/name/1/2',
    'redis+sentinel://a:1/%zz',
  ])('%s', (text) => {
    expect(parseRedisUrl(text)).toBeUndefined();
  });
});
