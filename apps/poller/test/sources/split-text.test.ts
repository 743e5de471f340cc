import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextSplitter, type Piece } from '../../src/sources/split-text.ts';

function split(chunks: readonly string[], charactersMax = 1_000): Piece[] {
  const splitter = new TextSplitter(charactersMax);
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}
/** `unit number:text`, `!` where it is too long, `~` where the text ended before. */
const shown = (text: string, charactersMax?: number): string[] =>
  split([text], charactersMax).map(
    (p) => `${p.unit} ${String(p.number)}:${p.text?.trim() ?? '!'}${p.cutOff ? '~' : ''}`,
  );

/** The text in chunks of these lengths, over and over. */
function chunked(text: string, lengths: readonly number[]): string[] {
  const chunks: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    chunks.push(text.slice(at, at + length));
    at += length;
  }
  return chunks;
}

describe('text by lines', () => {
  it('counts blank lines and tells none', () => {
    expect(shown('{"a":1}\n\n  \r\n{"b":2}\r\n')).toEqual(['line 1:{"a":1}', 'line 4:{"b":2}']);
  });

  it('needs no line end behind the last', () => {
    expect(shown('1\n2')).toEqual(['line 1:1', 'line 2:2']);
  });

  it('of nothing is nothing', () => {
    for (const text of ['', '\n', ' \r\n\n', '[]', ' [ ] \n']) expect(shown(text)).toEqual([]);
  });

  it('is not broken by the separators that JSON allows inside a text', () => {
    expect(shown('"a\u2028b\u2029c\u0085d\re"\n1')).toEqual(['line 1:"a\u2028b\u2029c\u0085d\re"', 'line 2:1']);
  });

  it('tells a line that is too long as such, and goes on behind it', () => {
    expect(shown(`${'x'.repeat(11)}\n${'y'.repeat(10)}\nz`, 10)).toEqual([
      'line 1:!',
      `line 2:${'y'.repeat(10)}`,
      'line 3:z',
    ]);
  });

  it('is what a text that begins like an array but is none is read as', () => {
    expect(shown('[oops\n{"a":1}\n')).toEqual(['line 1:[oops', 'line 2:{"a":1}']);
  });

  it('comes out the same however the text arrives', () => {
    const line = fc.string({ unit: fc.constantFrom('a', '"', '\\', '{', '}', ',', ' ', '\r', '😀') });
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (lines, lengths) => {
        const text = lines.join('\n');
        const expected = lines.flatMap((one, at) => (/^\s*$/.test(one) ? [] : [[at + 1, one]]));
        expect(split(chunked(text, lengths)).map((piece) => [piece.number, piece.text])).toEqual(expected);
      }),
    );
  });
});

describe('an array', () => {
  it('is cut between its items, whatever they hold', () => {
    expect(shown(' [ {"a":"],[\\""} ,\n [1,[2]], "x,y" , 3]')).toEqual([
      'item 1:{"a":"],[\\""}',
      'item 2:[1,[2]]',
      'item 3:"x,y"',
      'item 4:3',
    ]);
  });

  it('may have a comma behind its last item', () => {
    expect(shown('[1,2,]')).toEqual(['item 1:1', 'item 2:2']);
  });

  it('that ends too early tells its last item as cut off', () => {
    expect(shown('[{"a":1},{"b":')).toEqual(['item 1:{"a":1}', 'item 2:{"b":~']);
    expect(shown('[{"a":1},')).toEqual(['item 1:{"a":1}', 'item 2:~']);
    expect(shown('[')).toEqual(['item 1:~']);
  });

  it('tells an item that is too long as such, and goes on behind it', () => {
    expect(shown(`["${'x'.repeat(20)}", 1]`, 10)).toEqual(['item 1:!', 'item 2:1']);
  });

  it('that is a line among lines costs no other line', () => {
    expect(shown('["a"]\n{"b":1}\n\n[2]')).toEqual(['item 1:"a"', 'line 2:{"b":1}', 'line 4:[2]']);
  });

  it('of any JSON comes out as it is, however the text arrives', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), lengths, fc.constantFrom(0, 1, '\t'), (values, sizes, indent) => {
        const pieces = split(chunked(JSON.stringify(values, null, indent), sizes), 100_000);
        expect(pieces.map(({ text }) => JSON.parse(text ?? '') as unknown)).toEqual(JSON.parse(JSON.stringify(values)));
        expect(pieces.every(({ cutOff }) => !cutOff)).toBe(true);
      }),
    );
  });

  it('is bounded in memory also where blanks or an open text never end', () => {
    const splitter = new TextSplitter(100);
    for (let i = 0; i < 200; i += 1) expect(splitter.push(' '.repeat(1_000))).toEqual([]);
    expect(splitter.push('\n1\n')).toEqual([
      { unit: 'line', number: 1, text: undefined, cutOff: false },
      { unit: 'line', number: 2, text: '1', cutOff: false },
    ]);
  });
});
