import { UsageError } from '@jobhive/config';
import { describe, expect, it } from 'vitest';
import { defaultSources } from '../../src/sources/default-sources.ts';
import { parseSource, parseSources } from '../../src/sources/parse-source.ts';

describe('a source', () => {
  it('bears the name that it was given, blanks around it left out', () => {
    expect(parseSource(' file:a b/c:d,e.json ')).toMatchObject({ name: 'file:a b/c:d,e.json', kind: 'file' });
  });

  it('given twice is polled once', () => {
    expect(parseSources(['file:b', 'file:a', 'file:b']).map(({ name }) => name)).toEqual(['file:b', 'file:a']);
  });

  it.each([
    ['gopher:x', /"gopher:x" is of no known kind.*file:PATH/],
    ['FILE:x', /no known kind/],
    ['constructor:x', /no known kind/],
    ['jobs.ndjson', /no known kind/],
    ['', /no known kind/],
    ['file', /lacks its PATH; write file:PATH/],
    ['file:', /lacks its PATH/],
    ['file: ', /lacks its PATH/],
    [`file:${'x'.repeat(500)}`, /longer than 500 characters/],
  ])('written as %j is refused', (spec, message) => {
    expect(() => parseSource(spec)).toThrow(UsageError);
    expect(() => parseSource(spec)).toThrow(message);
  });

  it('is the samples by default, in a clone or in the image', () => {
    const sample = 'tools/samples/postings.ndjson';
    expect(defaultSources((path) => path === sample)).toEqual([`file:${sample}`]);
    expect(defaultSources((path) => path === 'samples/postings.ndjson')).toEqual(['file:samples/postings.ndjson']);
    expect(defaultSources(() => false)).toEqual([`file:${sample}`]);
  });
});
