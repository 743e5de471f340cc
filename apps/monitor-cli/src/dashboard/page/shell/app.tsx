// The frame of every view. When the view changes, its heading gets the focus, so that keyboard and screen reader begin there.
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Route } from '../route.ts';
import { useRoute } from '../use-route.ts';
import { FailedView } from '../views/failed.tsx';
import { JobView } from '../views/job.tsx';
import { JobsView } from '../views/jobs.tsx';
import { Overview } from '../views/overview.tsx';
import { WorkersView } from '../views/workers.tsx';
import { ConnectionBanner } from './connection-state.tsx';
import { NoticeList } from './notice-list.tsx';
import { QuestionDialog } from './question-dialog.tsx';
import { TokenDialog } from './token-dialog.tsx';
import { TopBar } from './top-bar.tsx';

const TITLES = {
  overview: 'Overview',
  workers: 'Workers',
  jobs: 'Jobs',
  job: 'Job',
  failed: 'Failed jobs',
  unknown: 'No such page',
} as const;

function Shown({ route }: { readonly route: Route }): JSX.Element {
  switch (route.view) {
    case 'overview':
      return <Overview />;
    case 'workers':
      return <WorkersView />;
    case 'jobs':
      return <JobsView query={route.query} />;
    case 'job':
      return <JobView key={route.jobId} jobId={route.jobId ?? ''} />;
    case 'failed':
      return <FailedView query={route.query} />;
    case 'unknown':
      return (
        <section class="empty">
          <h1>No such page</h1>
          <p>
            The address names none of ours. <a href="#/">Back to the overview</a>
          </p>
        </section>
      );
  }
}

export function App(): JSX.Element {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const place = `${route.view} ${route.jobId ?? ''}`;
  const before = useRef(place);
  useEffect(() => {
    document.title = `${TITLES[route.view]} · jobhive`;
    if (before.current === place) return;
    before.current = place;
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [place, route.view]);
  return (
    <>
      <button type="button" class="skip button" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <TopBar view={route.view} />
      <main ref={main} tabIndex={-1} aria-label={TITLES[route.view]}>
        <ConnectionBanner />
        <Shown route={route} />
      </main>
      <NoticeList />
      <QuestionDialog />
      <TokenDialog />
    </>
  );
}
