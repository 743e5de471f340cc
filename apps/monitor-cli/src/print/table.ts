// A table of plain text. Columns are as wide as their content; where that is wider than the terminal, the columns that may
// be cut are shortened, widest first, down to a width at which they still say something; where that does not do, columns are
// left out: those that may be spared first, then from the right. So it fits any width. Without a terminal nothing is cut or
// left out. Pure. Cells are made plain here: no text of a stranger reaches the terminal as he wrote it.
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
  /** May be left out where the terminal is narrow; the highest goes first. */
  readonly spare?: number;
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

/** Least widths and what may be spared → the places of the columns that stay, in their order; the first always does. */
export function fitColumns(
  least: readonly number[],
  spare: readonly (number | undefined)[],
  columnsMax: number,
): number[] {
  const kept = least.map((_, index) => index);
  const rank = (index: number): number => spare[index] ?? index / least.length; // what may be spared, before any other
  const taken = (): number => kept.reduce((sum, index) => sum + (least[index] ?? 0) + GAP.length, -GAP.length);
  while (kept.length > 1 && taken() > columnsMax) {
    const goes = kept.slice(1).reduce((best, index) => (rank(index) >= rank(best) ? index : best));
    kept.splice(kept.indexOf(goes), 1);
  }
  return kept;
}

interface Shape<Row> {
  readonly columns: readonly Column<Row>[];
  readonly widths: readonly number[];
}

function shapeFor<Row>(
  columns: readonly Column<Row>[],
  wanted: readonly number[],
  columnsMax: number | undefined,
): Shape<Row> {
  if (columnsMax === undefined) return { columns, widths: wanted };
  const least = columns.map(({ columnsMin }, index) => Math.min(columnsMin ?? Infinity, wanted[index] ?? 0));
  const spare = columns.map((column) => column.spare);
  const kept = fitColumns(least, spare, columnsMax);
  const widths = fitWidths(
    kept.map((index) => wanted[index] ?? 0),
    kept.map((index) => (kept.length === 1 ? 1 : columns[index]?.columnsMin)),
    columnsMax,
  );
  return { columns: columns.filter((_, index) => kept.includes(index)), widths };
}

/** @param columnsMax width of the terminal; undefined where there is none */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  columnsMax: number | undefined,
  paint: Paint,
): string[] {
  const wanted = columns.map((column) =>
    rows.reduce((width, row) => Math.max(width, displayWidth(cellText(column.cell(row)))), displayWidth(column.title)),
  );
  const { columns: kept, widths } = shapeFor(columns, wanted, columnsMax);
  const shaped = (text: string, index: number): string =>
    padTo(fitTo(text, widths[index] ?? 0), widths[index] ?? 0, kept[index]?.align ?? 'left');
  const head = kept.map((column, index) => paint.dim(shaped(column.title, index))).join(GAP);
  const body = rows.map((row) =>
    kept.map(({ cell, paint: colour }, index) => {
      const text = shaped(cellText(cell(row)), index);
      return colour === undefined ? text : colour(text, row, paint);
    }),
  );
  return [head, ...body.map((line) => line.join(GAP))].map((line) => line.trimEnd());
}
