/**
 * What the logs of all programs of a run tell: which hold words of a posting, and when leases were moved on after an outage,
 * and who waits to run a job alone.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { POSTING_WORD, type Awaited, type Evidence } from './evidence.ts';

/** The records that are read. Were they called otherwise one day, what they excuse would be held against the system. */
const MOVED_ON = '"event":"worker.leases_moved_on"';
const AWAITS = '"event":"job.awaits_alone"';

export async function readLogs(folder: string): Promise<Pick<Evidence, 'leakyLogs' | 'leasesMovedMs' | 'awaited'>> {
  const leakyLogs: string[] = [];
  const leasesMovedMs: number[] = [];
  const awaited: Awaited[] = [];
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'utf8');
    if (text.includes(POSTING_WORD)) leakyLogs.push(name);
    const lines = text.split('\n');
    leasesMovedMs.push(
      ...lines
        .filter((line) => line.includes(MOVED_ON))
        .flatMap(told)
        .map(({ atMs }) => atMs),
    );
    awaited.push(...lines.filter((line) => line.includes(AWAITS)).flatMap(told));
  }
  return { leakyLogs, leasesMovedMs: leasesMovedMs.sort((a, b) => a - b), awaited };
}

/** What a line tells; nothing where it was cut off with its writer. */
function told(line: string): Awaited[] {
  if (!line.endsWith('}')) return [];
  const {
    timestamp,
    job_id = '',
    worker = '',
  } = JSON.parse(line) as { timestamp: string; job_id?: string; worker?: string }; // as the logger writes it
  return [{ atMs: Date.parse(timestamp), jobId: job_id, worker }];
}
