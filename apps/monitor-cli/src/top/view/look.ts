// What all parts of the screen are drawn with: the size that is theirs, the colours, and the time. Pure functions take it and
// give lines that fit.
import { fitTo } from '../../print/display-width.ts';
import type { Paint } from '../../print/style.ts';

export interface Look {
  readonly columns: number;
  /** Lines of the body. */
  readonly rows: number;
  readonly paint: Paint;
  /** For times of today, told without their day. */
  readonly now: Date;
}

const DAY_LETTERS = 10;

/** A time that does not change while one looks at it, in UTC: of today the time, else the day too. */
export function clockTime(at: string | null, now: Date): string | null {
  if (at === null) return null;
  const text = new Date(at).toISOString();
  const today = text.slice(0, DAY_LETTERS) === now.toISOString().slice(0, DAY_LETTERS);
  return today ? text.slice(11, 19) : `${text.slice(5, DAY_LETTERS)} ${text.slice(11, 16)}`;
}

export const shortId = (id: string | null): string | null => (id === null ? null : id.slice(0, 8));

/** Text over several lines, broken at blanks where there are any. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (fitTo(longer, columns) === longer) line = longer;
    else {
      if (line !== '') lines.push(line);
      line = fitTo(word, columns);
    }
  }
  return [...lines, line];
}
