/** Law 7, a second time: the checker of tools/model replays the same history by rules of its own, beside those of stories.ts. */
import { checkHistory, type HistoryEvent } from '@jobhive/model';
import type { Evidence } from '../evidence.ts';
import { broken, type Violation } from '../violation.ts';

export function historyByModel({ events, rows }: Evidence): Violation[] {
  const found = checkHistory(inWordsOfRecord(events), {
    rows: rows.map(({ jobId, status, attempt }) => ({ job_id: jobId, status, attempt })),
  });
  return found.map(({ jobId, message }) => broken(7, message, jobId));
}

function* inWordsOfRecord(events: Evidence['events']): Generator<HistoryEvent> {
  for (const { jobId, event, attempt, worker, stage, reason } of events)
    yield { job_id: jobId, event, attempt, worker_name: worker, detail: { stage, reason } };
}
