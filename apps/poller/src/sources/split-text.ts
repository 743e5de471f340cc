// A text that arrives in chunks, cut into the entries of NDJSON or of one JSON array, whichever it is by its content.
// Holds at most one entry at a time, and of an entry at most `charactersMax`: what is longer is told as such, without its
// text. It looks at nothing but quotes, brackets, commas and line ends; whether a piece is JSON is for the caller to see.
// After an array's end the rest is read as lines, so that a first line that happens to be an array costs no other.

export interface Piece {
  readonly unit: 'line' | 'item';
  /** From 1, over blank lines too. */
  readonly number: number;
  /** Undefined where it is longer than allowed. */
  readonly text: string | undefined;
  /** It is an item, and the text ended before the item or the array did. */
  readonly cutOff: boolean;
}

type Mode = 'undecided' | 'lines' | 'items';

/** What may follow the bracket of an array: a value, its end, or the end of what is known so far. */
const ARRAY_START = /^\s*\[\s*(?:[[{\]"\d-]|(?:true|false|null)\b|$)/;
/** Too little to tell: blanks, a bracket, the letters of a value that may go on. */
const UNDECIDED = /^\s*(?:\[\s*[a-z]{0,5})?$/;
const BLANK = /^\s*$/;
/** Where nothing but blanks was seen for this long, it is text by lines. */
const UNDECIDED_MAX = 65_536;

export class TextSplitter {
  readonly #charactersMax: number;
  #mode: Mode = 'undecided';
  #pieces: Piece[] = [];
  #text = '';
  #tooLong = false;
  #line = 1;
  #item = 1;
  #depth = 0;
  #inString = false;
  #escaped = false;

  constructor(charactersMax: number) {
    this.#charactersMax = charactersMax;
  }

  /** The pieces that this chunk completes. */
  push(chunk: string): Piece[] {
    this.#take(chunk, false);
    return this.#taken();
  }

  /** The pieces that the end of the text completes. */
  end(): Piece[] {
    this.#take('', true);
    if (this.#mode === 'lines') this.#endLine();
    else this.#endItem(true);
    return this.#taken();
  }

  #take(chunk: string, all: boolean): void {
    if (this.#mode !== 'undecided') return this.#read(chunk);
    const begin = this.#text + chunk;
    this.#text = '';
    this.#decide(begin, all);
    this.#read(begin);
  }

  #decide(text: string, all: boolean): void {
    if (!all && text.length < UNDECIDED_MAX && UNDECIDED.test(text)) return;
    this.#mode = ARRAY_START.test(text) ? 'items' : 'lines';
  }

  #read(chunk: string): void {
    if (this.#mode === 'undecided') this.#text = chunk;
    else if (this.#mode === 'lines') this.#readLines(chunk, 0);
    else this.#readItems(chunk);
  }

  #readLines(chunk: string, start: number): void {
    let from = start;
    for (let end = chunk.indexOf('\n', from); end >= 0; end = chunk.indexOf('\n', from)) {
      this.#append(chunk.slice(from, end));
      this.#endLine();
      from = end + 1;
    }
    this.#append(chunk.slice(from));
  }

  #readItems(chunk: string): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const character = chunk[at];
      if (character === '\n') this.#line += 1;
      const mark = this.#markAt(character);
      if (mark === undefined) continue;
      if (mark !== 'begin') this.#append(chunk.slice(from, at));
      from = at + 1;
      if (mark !== 'begin') this.#endItem(false);
      if (mark === 'end') return this.#leaveArray(chunk, from);
    }
    this.#append(chunk.slice(from));
  }

  /** What a character is to the outermost array: its begin, its end, a comma between items, or nothing. */
  #markAt(character: string | undefined): 'begin' | 'end' | 'comma' | undefined {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (character === '\\') this.#escaped = true;
      else if (character === '"') this.#inString = false;
      return undefined;
    }
    if (character === '"') this.#inString = true;
    else if (character === '[' || character === '{') return (this.#depth += 1) === 1 ? 'begin' : undefined;
    else if (character === ']' || character === '}') return (this.#depth -= 1) === 0 ? 'end' : undefined;
    else if (character === ',' && this.#depth === 1) return 'comma';
    return undefined;
  }

  #leaveArray(chunk: string, from: number): void {
    this.#mode = 'lines';
    this.#readLines(chunk, from);
  }

  #append(text: string): void {
    if (this.#tooLong) return;
    if (this.#text.length + text.length <= this.#charactersMax) this.#text += text;
    else {
      this.#tooLong = true;
      this.#text = '';
    }
  }

  #endLine(): void {
    const text = this.#takeText();
    if (text === undefined || !BLANK.test(text)) this.#tell({ unit: 'line', number: this.#line, text, cutOff: false });
    this.#line += 1;
  }

  /** `[]` and a comma behind the last item leave nothing between the marks: that is no item. */
  #endItem(cutOff: boolean): void {
    const text = this.#takeText();
    if (text !== undefined && BLANK.test(text) && !cutOff) return;
    this.#tell({ unit: 'item', number: this.#item, text, cutOff });
    this.#item += 1;
  }

  #takeText(): string | undefined {
    const text = this.#tooLong ? undefined : this.#text;
    this.#text = '';
    this.#tooLong = false;
    return text;
  }

  #tell(piece: Piece): void {
    this.#pieces.push(piece);
  }

  #taken(): Piece[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }
}
