// The dead letters: first what is wrong with them, in groups of one error, then one by one. Whole groups are retried after a
// question.
import type { JSX } from 'preact';
import { useCallback } from 'preact/hooks';
import { useAnswer } from '../api/use-answer.ts';
import type { DeadLetter, DeadLetterGroup, FailedPage } from '../api/documents.ts';
import { useBeat } from '../live/use-beat.ts';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { Ago } from '../parts/moment.tsx';
import { Pager } from '../parts/pager.tsx';
import { Empty, Loading, Trouble } from '../parts/states.tsx';
import { counted } from '../parts/words.ts';
import { jobLink, queryText, type Route } from '../route.ts';
import { useAct } from '../shell/use-act.ts';
import { Groups } from './failed-groups.tsx';
import { retryAct } from './retry-act.ts';

const PAGE = 50;
const REFRESH_LEAST_MS = 5_000;

const COLUMNS: readonly Column<DeadLetter>[] = [
  {
    title: 'Error',
    main: true,
    className: 'is-title',
    cell: ({ job_id, name, message }) => (
      <>
        <a href={jobLink(job_id)}>{name ?? 'Error'}</a>
        <span class="muted clip"> {message}</span>
      </>
    ),
  },
  { title: 'Stage', cell: ({ stage }) => stage ?? '–' },
  { title: 'Attempts', align: 'right', cell: ({ attempts }) => attempts },
  { title: 'Failed', cell: ({ failed_at: at }) => <Ago at={at} /> },
  { title: 'Job', cell: ({ job_id }) => <span class="mono muted">{job_id.slice(0, 8)}</span> },
];

function List({ query, beat }: Pick<Route, 'query'> & { readonly beat: number }): JSX.Element {
  const path = `/api/failed${queryText({ cursor: query['cursor'], limit: PAGE })}`;
  const { data, problem, loading, reload } = useAnswer<FailedPage>(path, beat);
  return (
    <section aria-labelledby="one-by-one">
      <div class="section-head">
        <h2 id="one-by-one">One by one</h2>
        <span class="muted">oldest failure first</span>
      </div>
      {problem === undefined ? null : <Trouble problem={problem} what="The list could not be read" onAgain={reload} />}
      {data === undefined ? null : (
        <DataTable
          caption="Failed jobs, oldest failure first"
          rows={data.failed}
          columns={COLUMNS}
          busy={loading}
          keyOf={({ job_id }) => job_id}
        />
      )}
      <Pager path="#/failed" query={query} nextCursor={data?.next_cursor ?? null} of="failed jobs" />
    </section>
  );
}

export function FailedView({ query }: Pick<Route, 'query'>): JSX.Element {
  const beat = useBeat(REFRESH_LEAST_MS);
  const { data: groups, problem, reload } = useAnswer<readonly DeadLetterGroup[]>('/api/failed/groups', beat);
  const { busy, run } = useAct(reload);
  const total = groups?.reduce((sum, { count }) => sum + count, 0) ?? 0;
  const retryGroup = useCallback(
    ({ count, name, fingerprint }: DeadLetterGroup) =>
      run(retryAct(count, `All failed jobs with this ${name ?? 'error'} are queued again.`, { fingerprint })),
    [run],
  );
  const retryAll = (): void => run(retryAct(total, 'All failed jobs are queued again.', { all: true }));
  return (
    <>
      <div class="page-head">
        <h1>Failed jobs</h1>
        {total === 0 ? null : (
          <button type="button" class="button" disabled={busy} onClick={retryAll}>
            Retry all {counted(total, 'job')}
          </button>
        )}
      </div>
      {problem === undefined ? null : (
        <Trouble problem={problem} what="The groups could not be read" onAgain={reload} />
      )}
      {groups === undefined && problem === undefined ? <Loading what="the failed jobs" /> : null}
      {groups?.length === 0 ? (
        <div class="panel">
          <Empty title="No failed jobs">
            A job comes here when all its attempts have failed, with the error of each. From here it is mended and
            retried.
          </Empty>
        </div>
      ) : null}
      {groups !== undefined && groups.length > 0 ? (
        <>
          <Groups groups={groups} busy={busy} onRetry={retryGroup} />
          <List query={query} beat={beat} />
        </>
      ) : null}
    </>
  );
}
