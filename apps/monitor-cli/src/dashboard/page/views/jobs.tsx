// Search of jobs, newest discovery first, page by page. What is searched stands in the address, so it can be sent and gone back to.
import type { JSX } from 'preact';
import { useAnswer } from '../api/use-answer.ts';
import type { JobRow, JobsPage } from '../api/documents.ts';
import { useBeat } from '../live/use-beat.ts';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { Ago } from '../parts/moment.tsx';
import { Pager } from '../parts/pager.tsx';
import { Empty, Loading, Trouble } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { jobLink, queryText, type Route } from '../route.ts';
import { JobSearch } from './job-search.tsx';

const PAGE = 50;
const REFRESH_LEAST_MS = 3_000;

const COLUMNS: readonly Column<JobRow>[] = [
  {
    title: 'Job',
    main: true,
    className: 'is-title',
    cell: ({ job_id, title, company }) => (
      <>
        <a href={jobLink(job_id)}>{title}</a>
        <span class="muted"> {company}</span>
      </>
    ),
  },
  { title: 'Status', cell: ({ status }) => <StatusBadge status={status} /> },
  { title: 'Attempt', align: 'right', cell: ({ attempt }) => attempt },
  { title: 'Source', className: 'is-source', cell: ({ source }) => <span class="muted">{source}</span> },
  { title: 'Discovered', cell: ({ discovered_at: at }) => <Ago at={at} /> },
  { title: 'Finished', cell: ({ finished_at: at }) => <Ago at={at} /> },
];

function NoJob({ searched }: { readonly searched: boolean }): JSX.Element {
  if (searched) {
    return (
      <Empty title="No job matches">
        Words are looked for in title and company. <a href="#/jobs">Show all jobs</a>
      </Empty>
    );
  }
  return (
    <Empty title="No jobs yet">
      The poller brings them: <code>node dist/apps/poller/main.js --once --auto-enqueue</code>.
    </Empty>
  );
}

export function JobsView({ query }: Pick<Route, 'query'>): JSX.Element {
  const { status, source, text, cursor } = query;
  const beat = useBeat(REFRESH_LEAST_MS);
  const path = `/api/jobs${queryText({ status, source, text, cursor, limit: PAGE })}`;
  const { data, problem, loading, reload } = useAnswer<JobsPage>(path, beat);
  const searched = Boolean(status ?? source ?? text);
  return (
    <>
      <div class="page-head">
        <h1>Jobs</h1>
      </div>
      <JobSearch query={query} />
      {problem === undefined ? null : <Trouble problem={problem} what="The jobs could not be read" onAgain={reload} />}
      {data === undefined && problem === undefined ? <Loading what="the jobs" /> : null}
      {data?.jobs.length === 0 ? (
        <div class="panel">
          <NoJob searched={searched} />
        </div>
      ) : null}
      {data !== undefined && data.jobs.length > 0 ? (
        <DataTable
          caption="Jobs, newest discovery first"
          rows={data.jobs}
          columns={COLUMNS}
          busy={loading}
          keyOf={({ job_id }) => job_id}
        />
      ) : null}
      <Pager path="#/jobs" query={query} nextCursor={data?.next_cursor ?? null} of="jobs" />
    </>
  );
}
