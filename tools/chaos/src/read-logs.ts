/** What the logs of all programs of a run tell: which hold words of a posting, and when leases were moved on after an outage. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { POSTING_WORD, type Evidence } from './evidence.ts';

/** The one record that is read. Were it called otherwise one day, what it excuses would be held against the system. */
const MOVED_ON = '"event":"worker.leases_moved_on"';

export async function readLogs(folder: string): Promise<Pick<Evidence, 'leakyLogs' | 'leasesMovedMs'>> {
  const leakyLogs: string[] = [];
  const leasesMovedMs: number[] = [];
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'utf8');
    if (text.includes(POSTING_WORD)) leakyLogs.push(name);
    leasesMovedMs.push(...text.split('\n').flatMap((line) => timeOf(line, MOVED_ON)));
  }
  return { leakyLogs, leasesMovedMs: leasesMovedMs.sort((a, b) => a - b) };
}

/** When it was said, where this line says it. */
function timeOf(line: string, words: string): number[] {
  if (!line.includes(words)) return [];
  const stamp = /"timestamp":"([^"]+)"/.exec(line)?.[1];
  return stamp === undefined ? [] : [Date.parse(stamp)];
}
