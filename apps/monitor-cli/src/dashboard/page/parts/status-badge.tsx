// A status: a colour, and always its word beside it.
import type { JSX } from 'preact';
import type { Status } from '../api/documents.ts';
import { STATUS_WORDS } from './words.ts';

export function StatusBadge({ status }: { readonly status: Status }): JSX.Element {
  return (
    <span class={`badge is-${status}`}>
      <span class="dot" aria-hidden="true" />
      {STATUS_WORDS[status]}
    </span>
  );
}
