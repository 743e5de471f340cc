// Rows without end as JSON, a line each: read page by page, written as fast as the reader takes them, so that a million rows
// need no more memory than a page. Ends early when the program is asked to end.
import type { Output } from './output.ts';

const PAGE = 1000;

/** A page, and where the next one begins; undefined at the end. */
export interface Page<Row, Place> {
  readonly rows: readonly Row[];
  readonly next: Place | undefined;
}

export interface ExportOptions {
  readonly out: Output;
  readonly shutdown: AbortSignal;
  /** All where it is undefined. */
  readonly rowsMax: number | undefined;
}

export async function exportRows<Row, Place>(
  { out, shutdown, rowsMax = Infinity }: ExportOptions,
  read: (limit: number, from: Place | undefined) => Promise<Page<Row, Place>>,
): Promise<void> {
  let left = rowsMax;
  let from: Place | undefined;
  while (left > 0 && !shutdown.aborted) {
    const { rows, next } = await read(Math.min(PAGE, left), from);
    for (const row of rows) out.document(row);
    await out.drained();
    left -= rows.length;
    if (next === undefined) return;
    from = next;
  }
}
