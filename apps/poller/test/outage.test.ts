import { NotMigratedError, PostgresAwayError, PostgresDeniedError } from '@jobhive/db';
import { RedisAwayError, RedisDeniedError } from '@jobhive/queue';
import { describe, expect, it } from 'vitest';
import { isAway, isOutage } from '../src/outage.ts';
import { SourceError } from '../src/sources/source.ts';

describe('an outage', () => {
  it.each([
    ['Postgres away', new PostgresAwayError(undefined, 'x'), true, true],
    ['Redis away', new RedisAwayError(undefined, 'x'), true, true],
    ['a lock that is not to be had', Object.assign(new Error('lock'), { code: '55P03' }), true, true],
    ['a refused password', new PostgresDeniedError(undefined, 'x'), true, false],
    ['a missing migration', new NotMigratedError(), true, false],
    ['a refused password of Redis', new RedisDeniedError(undefined, 'x'), false, false],
    ['a source that cannot be read', new SourceError('gone'), false, false],
    ['refused data', Object.assign(new Error('data'), { code: '22021' }), false, false],
    ['no error at all', 'text', false, false],
  ])('is told from what a source can be blamed for: %s', (_what, error, outage, away) => {
    expect(isOutage(error)).toBe(outage);
    expect(isAway(error)).toBe(away);
  });
});
