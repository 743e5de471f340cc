// A discovered or cancelled job into the queue, as `enqueue JOB_ID` does; the budget is not waited for.
import * as z from 'zod';
import { jobParams, route } from '../route.ts';
import { enqueueResult } from '../schema/job.ts';

export const enqueueJobRoute = route({
  method: 'POST',
  path: '/api/jobs/{job_id}/enqueue',
  summary: 'Queue a discovered or cancelled job',
  params: jobParams,
  body: z.strictObject({}),
  answer: z.array(enqueueResult),
  refuses: [404, 409, 429],
  handle: ({ open, params, by }) => open.queue.enqueueJobs([params.job_id], by),
});
