// One job: why it is where it is, what it waited for, its history, what its stages gave, and what went wrong. Followed live.
import type { ComponentChildren, JSX } from 'preact';
import { useAnswer } from '../api/use-answer.ts';
import type { ErrorInfo, JobDocument } from '../api/documents.ts';
import { useBeat } from '../live/use-beat.ts';
import { ErrorReport } from '../parts/error-report.tsx';
import { Moment } from '../parts/moment.tsx';
import { Sentence } from '../parts/sentence.tsx';
import { StageOutputs } from '../parts/stage-outputs.tsx';
import { Empty, Loading, Trouble } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { WaitBar } from '../parts/wait-bar.tsx';
import { JobActs } from './job-acts.tsx';

const REFRESH_LEAST_MS = 1_500;

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A posting's address comes from outside: only http(s) becomes a link. */
function Posting({ url }: Pick<JobDocument, 'url'>): JSX.Element {
  if (url === null) return <>–</>;
  if (!/^https?:\/\//i.test(url)) return <>{url}</>;
  return (
    <a href={url} rel="noopener noreferrer" target="_blank">
      {url}
    </a>
  );
}

function Facts({ job }: { readonly job: JobDocument }): JSX.Element {
  return (
    <dl class="facts">
      <Fact name="Job id">
        <span class="mono">{job.job_id}</span>
      </Fact>
      <Fact name="Source">
        {job.source} · {job.external_id}
      </Fact>
      <Fact name="Location">{job.location ?? '–'}</Fact>
      <Fact name="Posting">
        <Posting url={job.url} />
      </Fact>
      <Fact name="Attempt">{job.attempt}</Fact>
      <Fact name="Worker">
        {job.worker_name ?? '–'}
        {job.current_stage === null ? null : <span class="muted"> in stage {job.current_stage}</span>}
      </Fact>
      <Fact name="Discovered">
        <Moment at={job.discovered_at} />
      </Fact>
      <Fact name="Queued">
        <Moment at={job.queued_at} />
      </Fact>
      <Fact name="Started">
        <Moment at={job.started_at} />
      </Fact>
      <Fact name="Finished">
        <Moment at={job.finished_at} />
      </Fact>
    </dl>
  );
}

function Section({
  id,
  title,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section aria-labelledby={id} class="panel">
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

function Loaded({ job, reload }: { readonly job: JobDocument; readonly reload: () => void }): JSX.Element {
  const error = job.error_info as ErrorInfo | null; // as libs/db writes it; the API's schema leaves it open
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{job.title}</h1>
          <p class="muted">
            {job.company} <StatusBadge status={job.status} />
          </p>
        </div>
        <JobActs job={job} onDone={reload} />
      </div>
      <p class="cause" aria-live="polite">
        <Sentence text={job.cause} />
      </p>
      {job.expected_start === null ? null : (
        <p class="muted">
          Expected start: {job.expected_start.at === null ? 'not known' : <Moment at={job.expected_start.at} />}.{' '}
          {job.expected_start.reasoning}
        </p>
      )}
      {error === null ? null : (
        <Section id="error" title={job.status === 'failed' ? 'What went wrong' : 'The last error'}>
          <ErrorReport error={error} />
        </Section>
      )}
      <Section id="waits" title="Where the time went">
        {job.waits.length === 0 ? (
          <Empty title="Not queued yet">Waits are counted from the moment a job is enqueued.</Empty>
        ) : (
          <WaitBar waits={job.waits} />
        )}
      </Section>
      <div class="columns">
        <Section id="history" title="History">
          <Timeline entries={job.timeline} />
        </Section>
        <div>
          <Section id="facts" title="The job">
            <Facts job={job} />
          </Section>
          <Section id="outputs" title="Stage outputs">
            {Object.keys(job.stage_outputs).length === 0 ? (
              <Empty title="None yet">Each stage that ends leaves its output here.</Empty>
            ) : (
              <StageOutputs outputs={job.stage_outputs} />
            )}
          </Section>
        </div>
      </div>
    </>
  );
}

export function JobView({ jobId }: { readonly jobId: string }): JSX.Element {
  const beat = useBeat(REFRESH_LEAST_MS);
  const { data, problem, reload } = useAnswer<JobDocument>(`/api/jobs/${encodeURIComponent(jobId)}`, beat);
  return (
    <>
      <p class="crumb">
        <a href="#/jobs">Jobs</a> <span aria-hidden="true">/</span> <span class="mono">{jobId.slice(0, 8)}</span>
      </p>
      {problem === undefined ? null : <Trouble problem={problem} what="The job could not be read" onAgain={reload} />}
      {data === undefined && problem === undefined ? <Loading what="the job" /> : null}
      {data === undefined ? <h1 class="unseen">Job</h1> : <Loaded job={data} reload={reload} />}
    </>
  );
}
