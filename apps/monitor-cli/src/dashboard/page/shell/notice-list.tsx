// Notices in the corner. The region is always there, so that screen readers follow it from the start.
import type { JSX } from 'preact';
import { useStore } from '../store.ts';
import { closeNotice, notices } from './notices.ts';

export function NoticeList(): JSX.Element {
  const shown = useStore(notices);
  return (
    <div class="notices" role="status" aria-live="polite">
      {shown.map(({ id, kind, title, text }) => (
        <div key={id} class={`notice is-${kind}`}>
          <div>
            <strong>{title}</strong>
            {text === null ? null : <p>{text}</p>}
          </div>
          <button type="button" class="plain" aria-label={`Close: ${title}`} onClick={() => closeNotice(id)}>
            <span aria-hidden="true">×</span>
          </button>
        </div>
      ))}
    </div>
  );
}
