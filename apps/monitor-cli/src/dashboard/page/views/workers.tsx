// Who lives, with what in hand; from the live status, so it moves by itself.
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { WorkerRow } from '../api/documents.ts';
import { status as liveStatus } from '../live/live-status.ts';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { Ago } from '../parts/moment.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { counted, wholeNumber } from '../parts/words.ts';
import { jobLink } from '../route.ts';
import { useStore } from '../store.ts';

function InHand({ worker }: { readonly worker: WorkerRow }): JSX.Element {
  const { job_id: jobId, stage } = worker;
  if (jobId === null) return <span class="muted">idle</span>;
  return (
    <>
      <a href={jobLink(jobId)} class="mono" aria-label={`Job ${jobId}`}>
        {jobId.slice(0, 8)}
      </a>
      {stage === null ? null : <span class="muted"> {stage}</span>}
    </>
  );
}

function Progress({ progress, name }: WorkerRow): JSX.Element {
  if (progress === null) return <span class="muted">–</span>;
  return (
    <span class="progress">
      <progress max={1} value={progress.fraction} aria-label={`Progress of ${name}`} />
      <span class="muted small">
        {progress.text === '' ? `${(progress.fraction * 100).toFixed(0)} %` : progress.text}
      </span>
    </span>
  );
}

const COLUMNS: readonly Column<WorkerRow>[] = [
  { title: 'Worker', main: true, cell: ({ name }) => <strong>{name}</strong> },
  { title: 'In hand', cell: (worker) => <InHand worker={worker} /> },
  { title: 'Progress', cell: (worker) => <Progress {...worker} /> },
  { title: 'Processed', align: 'right', cell: ({ processed }) => wholeNumber(processed) },
  { title: 'Failed', align: 'right', cell: ({ failed }) => wholeNumber(failed) },
  { title: 'Up since', cell: ({ since }) => <Ago at={since} /> },
  { title: 'Heartbeat', cell: ({ last_heartbeat: at }) => <Ago at={at} /> },
  { title: 'Where', cell: ({ host, pid }) => <span class="muted">{`${host}, pid ${String(pid)}`}</span> },
];

export function WorkersView(): JSX.Element {
  const status = useStore(liveStatus);
  const list = status?.workers.list;
  const sorted = useMemo(() => [...(list ?? [])].sort((a, b) => a.name.localeCompare(b.name)), [list]);
  if (status === null) return <Loading what="the workers" />;
  const { active } = status.workers;
  return (
    <>
      <div class="page-head">
        <h1>Workers</h1>
        <span class="muted">{active === null ? 'unknown: Redis is away' : `${counted(active, 'worker')} alive`}</span>
      </div>
      {sorted.length === 0 ? (
        <div class="panel">
          <Empty title={active === null ? 'Redis is away' : 'No worker is alive'}>
            {active === null ? (
              'Heartbeats stand in Redis. Workers that live go on trying, and show up here when it is back.'
            ) : (
              <>
                Jobs wait until one starts: <code>node dist/apps/worker/main.js --name a</code>, or{' '}
                <code>nx serve worker</code>.
              </>
            )}
          </Empty>
        </div>
      ) : (
        <DataTable caption="Living workers" rows={sorted} columns={COLUMNS} keyOf={({ name }) => name} />
      )}
    </>
  );
}
