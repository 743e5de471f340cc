import { describe, expect, it } from 'vitest';
import { errorInfo, fingerprintOf, type AttemptFailure } from '../../src/attempt/error-info.ts';
import { errorOf } from '../stores.ts';

const failure = (over: Partial<AttemptFailure> = {}): AttemptFailure => ({
  name: 'Error',
  message: 'it broke',
  stack: 'Error: it broke\n    at stage',
  stage: 'match',
  reason: 'error',
  ...over,
});
const printOf = (message: string): string => fingerprintOf(failure({ message }));

describe('the fingerprint of an error', () => {
  it.each([
    ['a job 1c9f2f6e-1f0b-4c7e-8a53-000000000001 is odd', 'a job 9d4b3a22-aaaa-4bbb-8ccc-ddddeeeeffff is odd'],
    ['read 12 of 400 bytes', 'read 7 of 13.5 bytes'],
    ['GET https://a.example/jobs/1?x=1 failed', 'GET http://b.example/other failed'],
    ['no field "salary" in it', 'no field "wage" in it'],
    ["cannot find 'x'", "cannot find 'y z'"],
    ['object 0a1b2c3d4e5f gone', 'object ffff00001111 gone'],
    ['too   many\n blanks', 'too many blanks'],
  ])('is the same for the same error of another job: %s', (one, other) => {
    expect(printOf(one)).toBe(printOf(other));
  });

  it.each([
    [{ message: 'it broke otherwise' }],
    [{ name: 'TypeError' }],
    [{ stage: 'decision' }],
    [{ stage: null }],
    [{ reason: 'timeout' as const }],
  ])('differs where the error does: %o', (over) => {
    expect(fingerprintOf(failure(over))).not.toBe(fingerprintOf(failure()));
  });

  it('has 12 hex digits and does not depend on the stack', () => {
    expect(fingerprintOf(failure())).toMatch(/^[0-9a-f]{12}$/);
    expect(fingerprintOf(failure({ stack: null }))).toBe(fingerprintOf(failure()));
  });
});

describe('what is on record of an error', () => {
  const attempt = { attempt: 2, workerName: 'w', at: '2026-01-02T03:04:05.000Z' };

  it('tells the failure, the attempt and the worker', () => {
    expect(errorInfo(failure(), { ...attempt, before: null })).toEqual({
      ...failure(),
      attempt: 2,
      worker_name: 'w',
      at: attempt.at,
      fingerprint: fingerprintOf(failure()),
      previous: [],
    });
  });

  it('keeps the earlier attempts, oldest first, without their own earlier ones', () => {
    const first = errorOf({ message: 'first' });
    const second = errorInfo(failure({ message: 'second' }), { ...attempt, before: first });
    const third = errorInfo(failure({ message: 'third' }), { ...attempt, before: second });
    expect(third.previous.map((entry) => entry.message)).toEqual(['first', 'second']);
    expect(third.previous.some((entry) => 'previous' in entry)).toBe(false);
  });

  it('keeps at most twenty of them, the newest', () => {
    let before: unknown = null;
    for (let n = 0; n < 30; n += 1)
      before = errorInfo(failure({ message: `m ${'x'.repeat(n)}` }), { ...attempt, before });
    expect((before as { previous: unknown[] }).previous).toHaveLength(20);
  });
});
