// `error_info` of a job: the last error in full, then those of the earlier attempts.
import type { JSX } from 'preact';
import type { ErrorEntry, ErrorInfo } from '../api/documents.ts';
import { Moment } from './moment.tsx';

function facts(entry: ErrorEntry): readonly (readonly [string, string | null])[] {
  return [
    ['Stage', entry.stage],
    ['Attempt', String(entry.attempt)],
    ['Worker', entry.worker_name],
    ['Reason', entry.reason],
    ['Fingerprint', entry.fingerprint],
  ];
}

function Entry({ entry, open }: { readonly entry: ErrorEntry; readonly open: boolean }): JSX.Element {
  return (
    <div class="error-entry">
      <p class="error-line">
        <strong>{entry.name}</strong> {entry.message}
      </p>
      <dl class="facts">
        {facts(entry).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class={name === 'Fingerprint' ? 'mono' : ''}>{value ?? '–'}</dd>
          </div>
        ))}
        <div>
          <dt>At</dt>
          <dd>
            <Moment at={entry.at} />
          </dd>
        </div>
      </dl>
      {entry.stack === null || entry.stack === '' ? null : (
        <details open={open}>
          <summary>Stack</summary>
          <pre tabIndex={0}>{entry.stack}</pre>
        </details>
      )}
    </div>
  );
}

export function ErrorReport({ error }: { readonly error: ErrorInfo }): JSX.Element {
  return (
    <>
      <Entry entry={error} open={false} />
      {error.previous.length === 0 ? null : (
        <details>
          <summary>Earlier attempts ({error.previous.length})</summary>
          {error.previous.map((entry, place) => (
            <Entry key={place} entry={entry} open={false} />
          ))}
        </details>
      )}
    </>
  );
}
