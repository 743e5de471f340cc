// The routes of the API, in the order of the OpenAPI document. /api/events and /api/openapi.json stand beside them, in
// server.ts: they answer no document of a call.
import type { Route } from './route.ts';
import { cancelJobRoute } from './routes/cancel-job.ts';
import { discardJobRoute } from './routes/discard-job.ts';
import { enqueueJobRoute } from './routes/enqueue-job.ts';
import { failedGroupsRoute, failedRoute } from './routes/failed.ts';
import { historyRoute } from './routes/history.ts';
import { jobRoute } from './routes/job.ts';
import { jobsRoute } from './routes/jobs.ts';
import { pauseRoute, resumeRoute } from './routes/pause.ts';
import { retryFailedRoute } from './routes/retry-failed.ts';
import { retryJobRoute } from './routes/retry-job.ts';
import { statusRoute } from './routes/status.ts';
import { workersRoute } from './routes/workers.ts';

export const ROUTES: readonly Route[] = [
  statusRoute,
  workersRoute,
  historyRoute,
  jobsRoute,
  jobRoute,
  enqueueJobRoute,
  retryJobRoute,
  cancelJobRoute,
  discardJobRoute,
  failedRoute,
  failedGroupsRoute,
  retryFailedRoute,
  pauseRoute,
  resumeRoute,
];
