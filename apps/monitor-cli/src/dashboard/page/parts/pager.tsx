// The pages of a list that goes by cursor: the first one, and the next one. The way back is the browser's own.
import type { JSX } from 'preact';
import { queryText } from '../route.ts';

export interface PagerProps {
  /** The list's address: `#/jobs`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Null on the last page. */
  readonly nextCursor: string | null;
  readonly of: string;
}

export function Pager({ path, query, nextCursor, of }: PagerProps): JSX.Element | null {
  const { cursor, ...search } = query;
  if (cursor === undefined && nextCursor === null) return null;
  return (
    <nav class="pager" aria-label={`Pages of ${of}`}>
      {cursor === undefined ? null : (
        <>
          <a class="button" href={`${path}${queryText(search)}`}>
            First page
          </a>
          <button type="button" class="button" onClick={() => history.back()}>
            Back
          </button>
        </>
      )}
      {nextCursor === null ? (
        <span class="muted">This is the last page.</span>
      ) : (
        <a class="button" href={`${path}${queryText({ ...search, cursor: nextCursor })}`}>
          Next page
        </a>
      )}
    </nav>
  );
}
