import { describe, expect, it } from 'vitest';
import { OUTPUT_BYTES_MAX, outputJson } from '../../src/threads/output-json.ts';

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

describe('outputJson', () => {
  it('writes JSON; undefined is null', () => {
    expect(outputJson({ score: 0.8, none: undefined })).toBe('{"score":0.8}');
    expect(outputJson(undefined)).toBe('null');
  });

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a bigint', { n: 1n }],
    ['a cyclic object', cyclic],
    [
      'a toJSON that throws',
      {
        toJSON: () => {
          throw new Error('no');
        },
      },
    ],
    [
      'a toJSON that throws no error',
      {
        toJSON: () => {
          // Whatever a stage's own code throws is caught as unknown.
          // eslint-disable-next-line @typescript-eslint/only-throw-error
          throw 'no';
        },
      },
    ],
  ])('refuses %s for good', (_, output) => {
    expect(() => outputJson(output)).toThrow(expect.objectContaining({ name: 'PermanentError' }) as Error);
  });

  it('counts bytes, not characters, up to exactly 1 MiB', () => {
    expect(outputJson('a'.repeat(OUTPUT_BYTES_MAX - 2))).toHaveLength(OUTPUT_BYTES_MAX);
    expect(() => outputJson('a'.repeat(OUTPUT_BYTES_MAX - 1))).toThrow('at most 1048576');
    expect(() => outputJson('ä'.repeat(OUTPUT_BYTES_MAX / 2))).toThrow('at most 1048576');
  });
});
