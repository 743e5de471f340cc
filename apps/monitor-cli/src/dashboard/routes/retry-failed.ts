// Dead letters back into the queue: all, those named, or one group. What was named is checked first: where an id is unknown
// or its job not failed, none is retried. It goes on if whoever asked goes away; when the dashboard stops it ends after the
// page in hand, and asked again goes on with the rest.
import { WrongStatusError } from '@jobhive/db';
import type { DeadLetterSelection } from '@jobhive/queue';
import * as z from 'zod';
import { HttpProblem } from '../problem.ts';
import { jobId, route } from '../route.ts';
import { retriedDocument } from '../schema/failed.ts';

const IDS_MAX = 10_000;
const FINGERPRINT_MAX = 200;

const selection = z.union(
  [
    z.strictObject({ all: z.literal(true) }),
    z.strictObject({ job_ids: z.array(jobId).min(1).max(IDS_MAX) }),
    z.strictObject({ fingerprint: z.string().min(1).max(FINGERPRINT_MAX) }),
  ],
  `give one of {"all": true}, {"job_ids": [1 to ${String(IDS_MAX)} job ids]} and {"fingerprint": "…"}`,
);

function selected(body: z.output<typeof selection>): DeadLetterSelection {
  if ('all' in body) return { all: true };
  return 'job_ids' in body ? { jobIds: body.job_ids } : { fingerprint: body.fingerprint };
}

export const retryFailedRoute = route({
  method: 'POST',
  path: '/api/failed/retry',
  summary: 'Queue dead letters again: all, those named, or one group',
  body: selection,
  answer: retriedDocument,
  refuses: [404, 409],
  handle: async ({ open, body, by, shutdown }) => {
    const work = open.queue.retry(selected(body), { by, signal: shutdown });
    const { retried, dispatched } = await work.catch((error: unknown) => {
      if (!(error instanceof WrongStatusError) || !('fingerprint' in body)) throw error;
      throw new HttpProblem(404, 'no_such_fingerprint', 'no failed job has this fingerprint; see /api/failed/groups');
    });
    return { retried, dispatched };
  },
});
