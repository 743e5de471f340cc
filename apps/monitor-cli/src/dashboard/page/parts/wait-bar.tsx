// The life of a job as a bar, from the first `queued` on: each wait by its share of the time. The table below it says the same in
// words, and is what a screen reader gets.
import type { JSX } from 'preact';
import { duration } from '../../../print/duration.ts';
import type { Wait } from '../api/documents.ts';
import { DataTable, type Column } from './data-table.tsx';
import { Ago, Lasting } from './moment.tsx';
import { WAIT_WORDS } from './words.ts';

const share = (ms: number, totalMs: number): string => {
  const percent = totalMs === 0 ? 0 : (ms / totalMs) * 100;
  return percent > 0 && percent < 1 ? '<1 %' : `${percent.toFixed(0)} %`;
};

const columns = (totalMs: number): readonly Column<Wait>[] => [
  {
    title: 'Waited for',
    main: true,
    cell: (wait) => (
      <>
        <span class={`swatch is-${wait.for}`} aria-hidden="true" /> {WAIT_WORDS[wait.for]}
        {wait.name === null ? null : <span class="muted"> {wait.name}</span>}
      </>
    ),
  },
  { title: 'Since', cell: ({ from }) => <Ago at={from} /> },
  {
    title: 'How long',
    align: 'right',
    cell: ({ ms, to, from }) => (to === null ? <>{<Lasting since={from} />} …</> : duration(ms)),
  },
  { title: 'Share', align: 'right', cell: ({ ms }) => share(ms, totalMs) },
];

export function WaitBar({ waits }: { readonly waits: readonly Wait[] }): JSX.Element {
  const totalMs = waits.reduce((sum, { ms }) => sum + ms, 0);
  return (
    <>
      <div class="wait-bar" aria-hidden="true">
        {waits.map(({ for: reason, from, ms, name }) => (
          <span
            key={from + reason}
            class={`is-${reason}`}
            style={{ flexGrow: Math.max(ms, totalMs / 500, 1) }}
            title={`${WAIT_WORDS[reason]}${name === null ? '' : ` (${name})`}: ${duration(ms)}`}
          />
        ))}
      </div>
      <DataTable
        caption="What the job waited for, in order"
        rows={waits}
        columns={columns(totalMs)}
        keyOf={({ from, for: reason }) => from + reason}
      />
    </>
  );
}
