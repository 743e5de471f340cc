// A failed job back into the queue, after its last good stage, as `retry --job-id` does.
import * as z from 'zod';
import { jobParams, route } from '../route.ts';
import { retriedJobs } from '../schema/failed.ts';

export const retryJobRoute = route({
  method: 'POST',
  path: '/api/jobs/{job_id}/retry',
  summary: 'Queue a failed job again',
  params: jobParams,
  body: z.strictObject({}),
  answer: retriedJobs,
  refuses: [404, 409],
  handle: ({ open, params, by }) => open.queue.retry({ jobId: params.job_id }, { by }),
});
