import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrayLiteral, cleanJson, cleanText, toJson } from '../../src/connect/clean.ts';
import { openRecord, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

/** Any UTF-16 code units, those that make trouble often. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom('\0', '\ud800', '\udc00', '\\', '"', '\\u0000', '\\ud800', 'u0000', '😀', "'", '\n'),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

describe('a text', () => {
  it.each([
    ['a\0b', 'a\uFFFDb'],
    ['lone \ud800 high', 'lone \uFFFD high'],
    ['lone \udc00 low', 'lone \uFFFD low'],
    ['a pair 😀 stays', 'a pair 😀 stays'],
    ['\\u0000 as letters stays', '\\u0000 as letters stays'],
    ['', ''],
  ])('%j becomes %j', (given, clean) => {
    expect(cleanText(given)).toBe(clean);
  });
});

describe('a JSON text', () => {
  it.each([
    [{ a: 'x\0y' }, { a: 'x\uFFFDy' }],
    [{ 'k\0': ['\ud800'] }, { 'k\uFFFD': ['\uFFFD'] }],
    ['\\u0000', '\\u0000'], // a backslash, then letters
    ['\\\0', '\\\uFFFD'], // a backslash, then NUL
    ['\\\\u0000\0', '\\\\u0000\uFFFD'],
    ['\u0001 and \u001f stay', '\u0001 and \u001f stay'],
    ['😀', '😀'],
  ])('of %j reads as %j', (given, clean) => {
    expect(JSON.parse(cleanJson(JSON.stringify(given)))).toEqual(clean);
  });

  it('of what is no JSON is null', () => {
    expect([toJson(undefined), toJson(() => 1), toJson(Symbol('s'))]).toEqual(['null', 'null', 'null']);
    expect(toJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });
});

it('Postgres takes whatever comes out, and gives back just that', async () => {
  const property = fc.asyncProperty(text, fc.jsonValue(), async (any, json) => {
    const value = { text: any, [any]: json };
    const rows = await record.db.query<{ text: string; json: unknown }>(
      { name: 'taken', text: 'SELECT $1::text AS text, $2::jsonb AS json' },
      [cleanText(any), toJson(value)],
    );
    expect(rows[0]?.text).toBe(cleanText(any));
    expect(rows[0]?.json).toHaveProperty('text', cleanText(any));
  });
  await fc.assert(property, { numRuns: 400, seed: 20_260_302 });
});

it('cleaning twice is cleaning once, and what is clean stays as it is', () => {
  fc.assert(
    fc.property(text, (any) => {
      const json = toJson({ any });
      expect(cleanText(cleanText(any))).toBe(cleanText(any));
      expect(cleanJson(json)).toBe(json);
      expect(JSON.parse(json)).toEqual({ any: cleanText(any) });
    }),
    { numRuns: 1000, seed: 20_260_303 },
  );
});

it('writes ids as one array literal', () => {
  expect(arrayLiteral([])).toBe('{}');
  expect(arrayLiteral(['a', 1])).toBe('{a,1}');
});
