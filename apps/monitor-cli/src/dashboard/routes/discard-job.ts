// A failed job out of the dead-letter queue for good, as `discard` does. `confirm` says that it is meant.
import * as z from 'zod';
import { jobParams, route } from '../route.ts';
import { jobStatus } from '../schema/job.ts';

export const discardJobRoute = route({
  method: 'POST',
  path: '/api/jobs/{job_id}/discard',
  summary: 'Give a failed job up for good',
  params: jobParams,
  body: z.strictObject({ confirm: z.literal(true) }),
  answer: jobStatus,
  refuses: [404, 409],
  handle: ({ open, params, by }) => open.queue.discard(params.job_id, by),
});
