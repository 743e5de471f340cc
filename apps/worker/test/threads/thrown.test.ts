import { describe, expect, it } from 'vitest';
import { PermanentError, RetryAfterError } from '../../src/pipeline/errors.ts';
import { cutToBytes, describeThrown } from '../../src/threads/thrown.ts';

const cyclic: Record<string, unknown> = { a: 1 };
cyclic['self'] = cyclic;
const revoked = Proxy.revocable({}, {});
revoked.revoke();

describe('describeThrown', () => {
  it('keeps name, message and stack of an error', () => {
    const error = new RangeError('too far');
    expect(describeThrown(error)).toEqual({
      name: 'RangeError',
      message: 'too far',
      stack: error.stack,
      permanent: false,
      retryAfterSeconds: undefined,
    });
  });

  it('knows PermanentError and RetryAfterError by name alone', () => {
    expect(describeThrown(new PermanentError('no')).permanent).toBe(true);
    expect(describeThrown({ name: 'PermanentError', message: 'no' })).toMatchObject({ permanent: true, message: 'no' });
    expect(describeThrown(new RetryAfterError('later', 1.5)).retryAfterSeconds).toBe(1.5);
    expect(describeThrown({ name: 'RetryAfterError', seconds: 0 }).retryAfterSeconds).toBe(0);
  });

  it.each([
    ['missing', undefined, undefined],
    ['negative', -1, undefined],
    ['no number', '5', undefined],
    ['NaN', NaN, undefined],
    ['over 7 days', 700_000, 604_800],
    ['endless', Infinity, 604_800],
  ])('takes seconds that are %s as %s → %s', (_, seconds, expected) => {
    expect(describeThrown({ name: 'RetryAfterError', seconds }).retryAfterSeconds).toBe(expected);
  });

  it.each([
    ['undefined', undefined, 'the stage threw undefined'],
    ['null', null, 'the stage threw null'],
    ['a text', 'broken', 'broken'],
    ['an empty text', '', 'the stage threw an empty string'],
    ['a number', 5, 'the stage threw 5'],
    ['a bigint', 5n, 'the stage threw 5n'],
    ['a symbol', Symbol('s'), 'the stage threw Symbol(s)'],
    ['a cyclic object', cyclic, 'Circular'],
    ['an error without a message', new Error(), 'an error without a message'],
    ['a revoked proxy', revoked.proxy, 'the stage threw'],
    ['an error whose message is no text', Object.assign(new Error(), { message: { a: 1 } }), 'without a message'],
  ])('has words for %s', (_, thrown, words) => {
    const told = describeThrown(thrown);
    expect(told.message).toContain(words);
    expect(told.name).toBe('Error');
  });

  it('survives getters that throw', () => {
    const hostile = Object.defineProperties(
      {},
      {
        name: {
          get: () => {
            throw new Error('name');
          },
        },
        message: {
          get: () => {
            throw new Error('message');
          },
        },
        stack: {
          get: () => {
            throw new Error('stack');
          },
        },
      },
    );
    expect(describeThrown(hostile)).toMatchObject({ name: 'Error', stack: undefined });
  });

  it('bounds message, stack and name in bytes', () => {
    const error = new Error('ä'.repeat(50_000));
    error.stack = 's'.repeat(50_000);
    error.name = 'n'.repeat(1_000);
    const told = describeThrown(error);
    expect(Buffer.byteLength(told.message)).toBe(16 * 1024);
    expect(told.stack).toHaveLength(32 * 1024);
    expect(told.name).toHaveLength(200);
  });
});

describe('cutToBytes', () => {
  it('never cuts a character', () => {
    expect(cutToBytes('a😀😀', 6)).toBe('a😀');
    expect(cutToBytes('äöü', 3)).toBe('ä');
    expect(cutToBytes('abc', 3)).toBe('abc');
    expect(cutToBytes('ab', 100)).toBe('ab');
  });
});
