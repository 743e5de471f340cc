// A queued or running job is cancelled, as `cancel` does: on record when it answers, the work ends within two seconds.
import * as z from 'zod';
import { jobParams, route } from '../route.ts';
import { jobStatus } from '../schema/job.ts';

export const cancelJobRoute = route({
  method: 'POST',
  path: '/api/jobs/{job_id}/cancel',
  summary: 'Cancel a queued or running job',
  params: jobParams,
  body: z.strictObject({}),
  answer: jobStatus,
  refuses: [404, 409],
  handle: ({ open, params, by }) => open.queue.cancel(params.job_id, by),
});
