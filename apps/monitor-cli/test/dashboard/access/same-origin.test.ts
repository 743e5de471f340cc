// Whose page asks: names that can only be this machine, and origins that are this server's own.
import { describe, expect, it } from 'vitest';
import { isLoopback, refuseForeignHost, refuseForeignOrigin } from '../../../src/dashboard/access/same-origin.ts';

describe('a loopback host', () => {
  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.9.9.9', '::1', '[::1]'])('%s is one', (host) => {
    expect(isLoopback(host)).toBe(true);
  });
  it.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    'example.com',
    '127.0.0.1.example.com',
    'localhost.example.com',
    '127.1.evil',
    '',
  ])('%j is none', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});

describe('the Host header, where no token guards', () => {
  it.each(['localhost:9181', '127.0.0.1', '[::1]:8080', 'localhost'])('%s passes', (host) => {
    expect(() => refuseForeignHost(host)).not.toThrow();
  });
  it.each(['evil.example:9181', '192.168.0.9:9181', undefined, '', 'localhost@evil.example', 'a b', '127.0.0.1:x'])(
    '%j is refused',
    (host) => {
      expect(() => refuseForeignHost(host)).toThrow(/localhost and 127.0.0.1 only/);
    },
  );
});

describe('the origin of a write', () => {
  const host = 'jobs.example:9181';
  it.each([
    [{ host }],
    [{ host, origin: 'http://jobs.example:9181' }],
    [{ host: 'jobs.example', origin: 'http://jobs.example:80' }],
    [{ host: 'jobs.example', origin: 'https://jobs.example', 'x-forwarded-proto': 'https' }],
    [{ host, origin: 'http://jobs.example:9181', 'sec-fetch-site': 'same-origin' }],
    [{ host, 'sec-fetch-site': 'none' }],
  ])('%j is ours', (headers) => {
    expect(() => refuseForeignOrigin(headers)).not.toThrow();
  });
  it.each([
    [{ host, origin: 'null' }],
    [{ host, origin: '' }],
    [{ host, origin: 'http://evil.example' }],
    [{ host, origin: 'http://jobs.example' }],
    [{ host, origin: 'https://jobs.example:9181' }],
    [{ host, origin: 'http://jobs.example:9181.evil.example' }],
    [{ host, 'sec-fetch-site': 'cross-site' }],
    [{ host, 'sec-fetch-site': 'same-site' }],
    [{ origin: 'http://jobs.example:9181' }],
  ])('%j is not', (headers) => {
    expect(() => refuseForeignOrigin(headers)).toThrow(/not of another site/);
  });
});
