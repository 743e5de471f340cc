// The first page: what needs attention, the figures now, all jobs by status, and the charts.
import type { JSX } from 'preact';
import type { Status, StatusDocument } from '../api/documents.ts';
import { status as liveStatus } from '../live/live-status.ts';
import { Loading } from '../parts/states.tsx';
import { STATUS_WORDS, wholeNumber } from '../parts/words.ts';
import { jobsLink } from '../route.ts';
import { useStore } from '../store.ts';
import { Charts } from './charts.tsx';
import { Figures, SpokenFigures } from './figures.tsx';

/** What stands in the way, the gravest first. */
function alertsOf({ redis, paused, depth, workers }: StatusDocument): readonly string[] {
  return [
    redis.ok ? '' : 'Redis is away. Jobs are on record and are delivered when it is back.',
    paused ? 'The queue is paused: workers take nothing new.' : '',
    workers.active === 0 && depth > 0 ? 'Jobs wait, and no worker is alive. Start one with `worker`.' : '',
  ].filter((text) => text !== '');
}

function Alerts({ status }: { readonly status: StatusDocument }): JSX.Element {
  return (
    <div aria-live="polite">
      {alertsOf(status).map((text) => (
        <div key={text} class="banner is-warn">
          <p>{text}</p>
        </div>
      ))}
    </div>
  );
}

function ByStatus({ counts }: Pick<StatusDocument, 'counts'>): JSX.Element {
  const entries = Object.entries(STATUS_WORDS) as [Status, string][]; // the table has exactly the statuses as keys
  const total = entries.reduce((sum, [status]) => sum + counts[status], 0);
  return (
    <section aria-labelledby="by-status" class="panel">
      <div class="section-head">
        <h2 id="by-status">All jobs</h2>
        <span class="muted">{wholeNumber(total)}</span>
      </div>
      <div class="share-bar" aria-hidden="true">
        {entries
          .filter(([status]) => counts[status] > 0)
          .map(([status]) => (
            <span key={status} class={`is-${status}`} style={{ flexGrow: counts[status] }} />
          ))}
      </div>
      <ul class="by-status">
        {entries.map(([status, word]) => (
          <li key={status}>
            <a href={jobsLink({ status })}>
              <span class={`swatch is-${status}`} aria-hidden="true" />
              {word} <b>{wholeNumber(counts[status])}</b>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Overview(): JSX.Element {
  const status = useStore(liveStatus);
  return (
    <>
      <h1 class="unseen">Overview</h1>
      <SpokenFigures />
      {status === null ? (
        <Loading what="the figures" />
      ) : (
        <>
          <Alerts status={status} />
          <Figures status={status} />
          <ByStatus counts={status.counts} />
        </>
      )}
      <Charts />
    </>
  );
}
