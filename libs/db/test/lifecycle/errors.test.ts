import { describe, expect, it } from 'vitest';
import * as errors from '../../src/lifecycle/errors.ts';
import { isStatus, MOVES, STATUSES } from '../../src/lifecycle/status.ts';

const EACH: [errors.DatabaseError, errors.DatabaseErrorCode, RegExp][] = [
  [new errors.StaleClaimError('j-1'), 'stale_claim', /j-1 is no longer held/],
  [new errors.JobNotFoundError(['a', 'b']), 'job_not_found', /a, b .*monitor-cli jobs/],
  [new errors.WrongStatusError('it failed; `retry` it'), 'wrong_status', /retry/],
  [new errors.RateLimitedError(60, 12), 'rate_limited', /60 jobs a minute.*12 s.*ENQUEUE_RATE_LIMIT/],
  [new errors.PostgresAwayError(new Error('cause'), 'h:1/d'), 'postgres_away', /h:1\/d.*DATABASE_URL/],
  [new errors.PostgresDeniedError(new Error('cause'), 'h:1/d'), 'postgres_denied', /DATABASE_URL/],
  [new errors.NotMigratedError(), 'not_migrated', /monitor-cli migrate/],
];

it.each(EACH)('%s has its code, says what to do next, and ends a program with 1', (error, code, words) => {
  expect(error).toMatchObject({ code, exitCode: 1, name: error.constructor.name });
  expect(error.message).toMatch(words);
  expect(error).toBeInstanceOf(errors.DatabaseError);
});

describe('the moves', () => {
  it('lead from known statuses to known statuses, and out of processed none does', () => {
    for (const { from, to } of Object.values(MOVES))
      for (const status of [...from, ...to]) expect(STATUSES).toContain(status);
    expect(Object.values(MOVES).filter(({ from }) => (from as readonly string[]).includes('processed'))).toEqual([]);
  });

  it('know their statuses by name', () => {
    expect(isStatus('queued')).toBe(true);
    expect(isStatus('waiting')).toBe(false);
  });
});
