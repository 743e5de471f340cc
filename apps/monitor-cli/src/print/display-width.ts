// How many columns of a terminal a text takes: two for wide characters (East Asian, emoji), none for what joins the
// character before it. Cuts by what a reader sees as one character, never through it. Pure. Terminals differ on rare
// emoji sequences; those may be a column off.

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** East Asian Wide and Fullwidth, Unicode 16, in blocks: first and last code point. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x17000, 0x18cff],
  [0x1b000, 0x1b2ff],
  [0x20000, 0x3fffd],
];
const JOINS_BEFORE = /^[\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u;
const EMOJI = /\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f/u;
const ASCII = /^[ -~]*$/;

function characterWidth(character: string): number {
  if (EMOJI.test(character)) return 2;
  if (JOINS_BEFORE.test(character)) return 0;
  const code = character.codePointAt(0) ?? 0;
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of segmenter.segment(text)) columns += characterWidth(segment);
  return columns;
}

/** At most `columnsMax` columns; what is cut is told by an ellipsis. */
export function fitTo(text: string, columnsMax: number): string {
  if (displayWidth(text) <= columnsMax) return text;
  if (columnsMax < 1) return '';
  let kept = '';
  let columns = 0;
  for (const { segment } of segmenter.segment(text)) {
    columns += characterWidth(segment);
    if (columns > columnsMax - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Filled up with blanks to `columns`. */
export function padTo(text: string, columns: number, side: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, columns - displayWidth(text)));
  return side === 'left' ? `${text}${blanks}` : `${blanks}${text}`;
}
