// Dead letters by fingerprint, largest group first: the same error is one line, whatever ids it names.
import type { JSX } from 'preact';
import type { DeadLetterGroup } from '../api/documents.ts';
import { Ago } from '../parts/moment.tsx';
import { counted } from '../parts/words.ts';

interface GroupProps {
  readonly busy: boolean;
  readonly onRetry: (group: DeadLetterGroup) => void;
}

function Group({ group, busy, onRetry }: GroupProps & { readonly group: DeadLetterGroup }): JSX.Element {
  const { count, name, message, stage, fingerprint, oldest_at: oldest, newest_at: newest } = group;
  return (
    <li class="group">
      <div class="group-count">
        <strong>{counted(count, 'job')}</strong>
      </div>
      <div class="group-what">
        <h3>{name ?? 'Error'}</h3>
        <p class="clip-2">{message}</p>
        <p class="muted small">
          {stage === null ? '' : `stage ${stage} · `}first <Ago at={oldest} /> · last <Ago at={newest} /> ·{' '}
          <span class="mono">{fingerprint.slice(0, 12)}</span>
        </p>
      </div>
      <button
        type="button"
        class="button is-primary"
        disabled={busy}
        aria-label={`Retry group: ${counted(count, 'job')} with ${name ?? 'Error'}`}
        onClick={() => onRetry(group)}
      >
        Retry group
      </button>
    </li>
  );
}

export function Groups({ groups, ...rest }: GroupProps & { readonly groups: readonly DeadLetterGroup[] }): JSX.Element {
  return (
    <section aria-labelledby="groups">
      <div class="section-head">
        <h2 id="groups">By error</h2>
        <span class="muted">{counted(groups.length, 'group')}</span>
      </div>
      <ul class="groups">
        {groups.map((group) => (
          <Group key={group.fingerprint} group={group} {...rest} />
        ))}
      </ul>
    </section>
  );
}
