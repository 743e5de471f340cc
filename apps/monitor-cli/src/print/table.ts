// A table of plain text. Columns are as wide as their content; where that is wider than the terminal, the columns that may
// be cut are shortened, widest first, down to a width at which they still say something. Without a terminal nothing is
// cut. Pure. Cells are made plain here: no text of a stranger reaches the terminal as he wrote it.
import { displayWidth, fitTo, padTo } from './display-width.ts';
import { plainLine } from './plain.ts';
import type { Paint } from './style.ts';

export interface Column<Row> {
  readonly title: string;
  /** Null is shown as a dash. */
  readonly cell: (row: Row) => string | number | null;
  readonly align?: 'left' | 'right';
  /** May be cut, down to this many columns. */
  readonly columnsMin?: number;
  /** Colours a cell that has its final width. */
  readonly paint?: (text: string, row: Row, paint: Paint) => string;
}

const GAP = '  ';

function cellText(value: string | number | null): string {
  if (value === null) return '–';
  return typeof value === 'number' ? String(value) : plainLine(value);
}

/** The widths after cutting: the widest column that may still be cut gives way, until all of it fits. */
export function fitWidths(
  wanted: readonly number[],
  leastOf: readonly (number | undefined)[],
  columnsMax: number,
): number[] {
  const widths = [...wanted];
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - columnsMax;
  while (excess > 0) {
    const widest = widths.reduce((best, width, index) => {
      const canShrink = width > (leastOf[index] ?? width);
      return canShrink && (best < 0 || width > (widths[best] ?? 0)) ? index : best;
    }, -1);
    if (widest < 0) return widths;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

/** @param columnsMax width of the terminal; undefined where there is none */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  columnsMax: number | undefined,
  paint: Paint,
): string[] {
  const cells = rows.map((row) => columns.map((column) => cellText(column.cell(row))));
  const wanted = columns.map((column, index) =>
    cells.reduce((width, line) => Math.max(width, displayWidth(line[index] ?? '')), displayWidth(column.title)),
  );
  const least = columns.map((column) => column.columnsMin);
  const widths = columnsMax === undefined ? wanted : fitWidths(wanted, least, columnsMax);
  const shaped = (text: string, index: number): string =>
    padTo(fitTo(text, widths[index] ?? 0), widths[index] ?? 0, columns[index]?.align ?? 'left');
  const head = columns.map((column, index) => paint.dim(shaped(column.title, index))).join(GAP);
  const body = rows.map((row, at) =>
    columns.map(({ paint: colour }, index) => {
      const text = shaped(cells[at]?.[index] ?? '', index);
      return colour === undefined ? text : colour(text, row, paint);
    }),
  );
  return [head, ...body.map((line) => line.join(GAP))].map((line) => line.trimEnd());
}
