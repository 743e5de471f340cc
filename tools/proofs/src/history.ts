/** Replays everything on record through the model (tools/model), and tells what cannot have been. */
import { checkHistory, type FinalRow, type HistoryEvent } from '@jobhive/model';
import type { Bench } from './bench.ts';

export async function historyViolations(bench: Bench): Promise<readonly string[]> {
  const events = await bench.rows<HistoryEvent>(
    `SELECT job_id, event, attempt, worker_name, coalesce(detail, '{}') AS detail FROM job_events ORDER BY job_id, id`,
  );
  const rows = await bench.rows<FinalRow>('SELECT job_id, status, attempt FROM application_tracking');
  return checkHistory(events, { rows }).map(({ jobId, message }) => `job ${jobId}: ${message}`);
}
