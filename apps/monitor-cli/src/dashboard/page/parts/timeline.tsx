// The history of a job, oldest first, as the record has it.
import type { JSX } from 'preact';
import type { TimelineEntry } from '../api/documents.ts';
import { Ago, wallTime } from './moment.tsx';
import { EVENT_WORDS, valueText } from './words.ts';

function Detail({ detail }: Pick<TimelineEntry, 'detail'>): JSX.Element | null {
  const entries = Object.entries(detail).filter(([, value]) => value !== null);
  if (entries.length === 0) return null;
  return (
    <dl class="detail">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{name.replaceAll('_', ' ')}</dt>
          <dd>{valueText(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Timeline({ entries }: { readonly entries: readonly TimelineEntry[] }): JSX.Element {
  return (
    <ol class="timeline">
      {entries.map((entry, place) => (
        <li key={place} class={`is-${entry.event}`}>
          <p>
            <strong>{EVENT_WORDS[entry.event]}</strong>
            {entry.worker_name === null ? null : <span> · {entry.worker_name}</span>}
            {entry.attempt > 0 ? <span class="muted"> · attempt {entry.attempt}</span> : null}
          </p>
          <p class="muted small">
            {wallTime(entry.at)} · <Ago at={entry.at} />
          </p>
          <Detail detail={entry.detail} />
        </li>
      ))}
    </ol>
  );
}
