// A list with one row marked: the part of it that fits, around the mark. The mark is an arrow before the row, and reversed
// colours where there are colours, so that it is seen without them too. Pure.
import { stripVTControlCharacters } from 'node:util';
import { displayWidth } from '../../print/display-width.ts';
import { table, type Column } from '../../print/table.ts';
import type { Look } from './look.ts';

const MARK = '› ';
const NO_MARK = '  ';
const MARK_COLUMNS = 2;
const HEAD_ROWS = 1;

/** The first row to show of `count`, so that the marked one is among the `room` shown, and in their middle where it can be. */
export function firstShown(count: number, at: number, room: number): number {
  return Math.max(0, Math.min(at - Math.floor(room / 2), count - room));
}

/** Up to the last column, whatever colours stand in the line. */
function marked(line: string, width: number, { paint }: Look): string {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(stripVTControlCharacters(line))));
  return `${MARK}${paint.inverse(`${line}${blanks}`)}`;
}

export function rowLines<Row>(rows: readonly Row[], at: number, columns: readonly Column<Row>[], look: Look): string[] {
  const room = Math.max(1, look.rows - HEAD_ROWS);
  const first = firstShown(rows.length, at, room);
  const width = look.columns - MARK_COLUMNS;
  const [head = '', ...body] = table(rows.slice(first, first + room), columns, width, look.paint);
  return [
    `${NO_MARK}${head}`,
    ...body.map((line, index) => (first + index === at ? marked(line, width, look) : `${NO_MARK}${line}`)),
  ];
}
