// A table with its caption. On a phone each row becomes a card; the roles are said again there, because a style sheet that takes
// `display: table` away takes them with it.
import type { ComponentChildren, JSX } from 'preact';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  readonly align?: 'right';
  /** The row's name: first on a card, and the row's header for screen readers. */
  readonly main?: boolean;
  readonly className?: string;
}

export interface DataTableProps<Row> {
  readonly caption: string;
  /** The caption is for screen readers only, where a heading above says the same. */
  readonly captionUnseen?: boolean;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly busy?: boolean;
  readonly keyOf: (row: Row) => string;
}

function classes<Row>({ align, className, main }: Column<Row>): string {
  return [align === 'right' ? 'is-right' : '', main === true ? 'is-main' : '', className ?? ''].join(' ').trim();
}

function Cell<Row>({ column, row }: { readonly column: Column<Row>; readonly row: Row }): JSX.Element {
  const shown = <div class="cell">{column.cell(row)}</div>;
  if (column.main === true) {
    return (
      <th scope="row" role="rowheader" class={classes(column)}>
        {shown}
      </th>
    );
  }
  return (
    <td role="cell" class={classes(column)} data-title={column.title}>
      {shown}
    </td>
  );
}

export function DataTable<Row>(props: DataTableProps<Row>): JSX.Element {
  const { caption, captionUnseen = true, rows, columns, keyOf, busy = false } = props;
  return (
    <div class="table-box">
      <table role="table" aria-busy={busy}>
        <caption class={captionUnseen ? 'unseen' : ''}>{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th key={column.title} scope="col" role="columnheader" class={classes(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={keyOf(row)} role="row">
              {columns.map((column) => (
                <Cell key={column.title} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
