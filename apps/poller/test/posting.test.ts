import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DESCRIPTION_BYTES_MAX,
  EXTERNAL_ID_CHARACTERS_MAX,
  LINE_CHARACTERS_MAX,
  parsePosting,
  URL_CHARACTERS_MAX,
} from '../src/posting.ts';

const needed = { external_id: 'a-1', title: 'Baker', company: 'Rye' };
const taken = (raw: object) => {
  const parsed = parsePosting(raw);
  if (!('posting' in parsed)) throw new Error(`set aside: ${parsed.reason}`);
  return parsed.posting;
};
const reasonOf = (raw: unknown): string => {
  const parsed = parsePosting(raw);
  if ('posting' in parsed) throw new Error('taken');
  return parsed.reason;
};

describe('a posting', () => {
  it('needs an id, a title and a company, and nothing else', () => {
    expect(taken(needed)).toEqual({ ...needed, location: null, url: null, description: null, posted_at: null });
  });

  it('may have null or blanks where a field may be missing', () => {
    const blank = { location: ' ', url: '', description: '\n', posted_at: null };
    expect(taken({ ...needed, ...blank })).toEqual(taken(needed));
  });

  it('keeps its description as it is written, and trims the rest', () => {
    const description = '  <p>Zoë &amp; <script>x</script></p>\r\n';
    const posting = taken({ ...needed, title: ' Baker\t', location: '\nGent ', description });
    expect(posting).toMatchObject({ title: 'Baker', location: 'Gent', description });
  });

  it('ignores keys that it does not know', () => {
    expect(taken({ ...needed, salary: 5, constructor: 1 })).toEqual(taken(needed));
  });

  it('has U+FFFD where Postgres can hold no such character', () => {
    expect(taken({ ...needed, title: 'a\0b\ud800', external_id: 'x\udc00' })).toMatchObject({
      title: 'a\ufffdb\ufffd',
      external_id: 'x\ufffd',
    });
  });

  it.each([
    [0, '0'],
    [-7, '-7'],
    [3.25, '3.25'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [' 12 ', '12'],
  ])('may be identified by %s', (external_id, text) => {
    expect(taken({ ...needed, external_id }).external_id).toBe(text);
  });

  it('is told all that is wrong with it at once', () => {
    expect(reasonOf({ external_id: true, title: '', url: 'ftp://x', description: 5 })).toBe(
      'external_id is neither text nor number; title is empty; company is missing; url is no http(s) address; description is no text',
    );
  });

  it.each([
    [{ external_id: 2 ** 53 }, 'external_id is a number too large to be exact; write it as text'],
    [{ external_id: ' ' }, 'external_id is empty'],
    [{ external_id: 'x'.repeat(EXTERNAL_ID_CHARACTERS_MAX + 1) }, 'external_id is longer than 300 characters'],
    [{ title: null }, 'title is missing'],
    [{ title: 'x'.repeat(LINE_CHARACTERS_MAX + 1) }, 'title is longer than 1000 characters'],
    [{ company: 7 }, 'company is no text'],
    [{ company: '   ' }, 'company is empty'],
    [{ location: ['Gent'] }, 'location is no text'],
    [{ url: 'javascript:alert(1)' }, 'url is no http(s) address'],
    [{ url: 'https://' }, 'url is no http(s) address'],
    [{ url: 'https://a b' }, 'url is no http(s) address'],
    [{ url: `https://x.example/${'x'.repeat(URL_CHARACTERS_MAX)}` }, 'url is longer than 4000 characters'],
    [{ posted_at: 20260504 }, 'posted_at is no text'],
    [{ posted_at: '04.05.2026' }, 'posted_at is no ISO 8601 date or time such as 2026-05-04 or 2026-05-04T10:15:00Z'],
  ])('with %j is set aside with its reason', (field, reason) => {
    expect(reasonOf({ ...needed, ...field })).toBe(reason);
  });

  it('may have a description of 1 MiB in UTF-8, and not a byte more', () => {
    const atBound = 'é'.repeat(DESCRIPTION_BYTES_MAX / 2);
    expect(taken({ ...needed, description: atBound }).description).toBe(atBound);
    expect(reasonOf({ ...needed, description: `${atBound}x` })).toBe('description is larger than 1048576 bytes');
  });

  it.each([[null], [undefined], [[]], ['text'], [5], [[needed]]])('is no posting at all: %j', (raw) => {
    expect(parsePosting(raw)).toEqual({
      reason: 'no JSON object with external_id, title and company',
      externalId: null,
    });
  });

  it('that is set aside is named by its id, as far as it has one', () => {
    expect(parsePosting({ external_id: 5, title: 'x' })).toMatchObject({ externalId: '5' });
    expect(parsePosting({ external_id: `${'x'.repeat(299)}😀`, title: 'x' })).toMatchObject({
      externalId: `${'x'.repeat(299)}\ufffd`,
    });
    expect(parsePosting({ external_id: {}, title: 'x' })).toMatchObject({ externalId: null });
    expect(parsePosting({ external_id: ' ', title: 'x' })).toMatchObject({ externalId: null });
  });

  it('comes out the same when it goes in again, whatever it is', () => {
    const field = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('2026-05-04'), fc.constant('https://a.example/'));
    const anything = fc.oneof(field, fc.anything());
    const candidate = fc.record(
      {
        external_id: anything,
        title: field,
        company: field,
        location: anything,
        url: anything,
        description: anything,
        posted_at: anything,
      },
      { requiredKeys: ['external_id', 'title', 'company'] },
    );
    fc.assert(
      fc.property(candidate, (raw) => {
        const once = parsePosting(raw);
        if ('posting' in once) {
          expect(JSON.stringify(once.posting).includes('\\u0000')).toBe(false);
          expect(parsePosting(once.posting)).toEqual(once);
        } else expect(once.reason).not.toBe('');
      }),
    );
  });
});
