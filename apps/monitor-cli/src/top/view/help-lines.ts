// All keys, for `?`, and the most needed ones for the last line. Pure.
import type { State } from '../state.ts';

const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ['1 2 3 4, Tab', 'queue, workers, jobs, failed; the next one'],
  ['↑ ↓ j k', 'mark the row above or below; scroll on the page of a job'],
  ['PgUp PgDn', 'a page up or down; Home and End go to the ends'],
  ['Enter', 'why the marked job is where it is, with waits, errors and timeline'],
  ['Esc', 'back; takes the filter away'],
  ['/', 'filter. jobs: words in title and company, status:failed, source:NAME, or an id;'],
  ['', 'failed: words of the error, its stage or fingerprint, or an id'],
  ['r', 'retry the failed job'],
  ['R', 'retry all that failed with the same error (failed)'],
  ['c', 'cancel the queued or running job'],
  ['d', 'give the failed job up for good'],
  ['p', 'pause the queue, or let it go on'],
  ['?', 'this page'],
  ['q, Ctrl-C', 'quit'],
];
const KEY_COLUMNS = 14;

export function helpLines(): string[] {
  return [
    'Keys',
    '',
    ...KEYS.map(([keys, does]) => `  ${keys.padEnd(KEY_COLUMNS)}${does}`),
    '',
    'What changes something is asked before it is done. Any key goes back.',
  ];
}

export function keysLine(state: State): string {
  if (state.question !== undefined) return 'y yes  any other key no';
  if (state.typing !== undefined) return 'Enter filter  Esc leave it';
  if (state.help) return 'any key back  q quit';
  if (state.open !== undefined) return 'Esc back  ↑↓ scroll  r retry  c cancel  p pause  ? keys  q quit';
  const pause = state.seen.status?.paused === true ? 'p resume' : 'p pause';
  switch (state.tab) {
    case 'queue':
      return `1-4 Tab tabs  ${pause}  ? keys  q quit`;
    case 'workers':
      return `1-4 Tab tabs  ↑↓ mark  Enter why  / filter  c cancel  ${pause}  ? keys  q quit`;
    case 'jobs':
      return `1-4 tabs  Enter why  / filter  r retry  c cancel  ${pause}  ? keys  q quit`;
    case 'failed':
      return `1-4 tabs  Enter why  / filter  r retry  R group  d discard  ${pause}  ? keys  q quit`;
  }
}
