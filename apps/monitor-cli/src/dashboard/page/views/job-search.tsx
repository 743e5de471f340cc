// The fields of the search. Words are searched a moment after the last key, and replace the address instead of adding to the way
// back for each letter.
import type { JSX, TargetedEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { STATUS_WORDS } from '../parts/words.ts';
import { jobsLink, type Route } from '../route.ts';

const TYPING_ENDS_MS = 250;

function go(entries: Readonly<Record<string, string | undefined>>): void {
  const link = jobsLink(entries);
  if (link === location.hash) return;
  history.replaceState(null, '', link);
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly onText: (text: string) => void;
}

function TextField({ label, value, placeholder, onText }: TextFieldProps): JSX.Element {
  const [text, setText] = useState(value);
  const timer = useRef<number | undefined>(undefined);
  const newest = useRef(onText); // the other fields may have changed while somebody typed here
  newest.current = onText;
  const sent = useRef(value);
  useEffect(() => {
    if (value !== sent.current) setText(value); // another search was linked to
    sent.current = value;
  }, [value]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const typed = ({ currentTarget }: TargetedEvent<HTMLInputElement>): void => {
    const next = currentTarget.value;
    setText(next);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      sent.current = next;
      newest.current(next);
    }, TYPING_ENDS_MS);
  };
  return (
    <label class="field">
      <span>{label}</span>
      <input type="search" value={text} placeholder={placeholder} maxLength={200} spellcheck={false} onInput={typed} />
    </label>
  );
}

export function JobSearch({ query }: Pick<Route, 'query'>): JSX.Element {
  const { status, source, text } = query;
  const change = (part: Readonly<Record<string, string>>): void => go({ status, source, text, ...part });
  return (
    <form class="search" role="search" aria-label="Jobs" onSubmit={(event) => event.preventDefault()}>
      <TextField
        label="Words"
        value={text ?? ''}
        placeholder="in title and company"
        onText={(next) => change({ text: next })}
      />
      <label class="field">
        <span>Status</span>
        <select value={status ?? ''} onChange={({ currentTarget }) => change({ status: currentTarget.value })}>
          <option value="">any</option>
          {Object.entries(STATUS_WORDS).map(([name, word]) => (
            <option key={name} value={name}>
              {word}
            </option>
          ))}
        </select>
      </label>
      <TextField
        label="Source"
        value={source ?? ''}
        placeholder="greenhouse:acme"
        onText={(next) => change({ source: next })}
      />
    </form>
  );
}
