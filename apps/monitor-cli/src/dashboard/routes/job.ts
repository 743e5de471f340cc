// One job: its row, timeline, waits and their cause (the same judgement as `why`), stage outputs and errors.
import type { JobRecord } from '@jobhive/db';
import { explain } from '../../why/explain.ts';
import { gather } from '../../why/gather.ts';
import { jobParams, route } from '../route.ts';
import { jobDocument } from '../schema/job.ts';

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** What stands beside the row; tokens and holders are nobody's business. */
function details(job: JobRecord) {
  return {
    stage_outputs: { ...job.stageOutputs },
    error_info: job.errorInfo === null ? null : { ...job.errorInfo },
    worker_name: job.workerName,
    current_stage: job.currentStage,
    next_attempt_at: iso(job.nextAttemptAt),
    cancel_requested_at: iso(job.cancelRequestedAt),
  };
}

export const jobRoute = route({
  method: 'GET',
  path: '/api/jobs/{job_id}',
  summary: 'One job, with its history and its waits',
  params: jobParams,
  answer: jobDocument,
  refuses: [404],
  handle: async ({ open, params }) => {
    const { history, facts, now } = await gather(open, params.job_id);
    const explanation = explain(history, facts, now);
    return { ...history.job.row, ...details(history.job), ...explanation, timeline: history.timeline };
  },
});
