// What the pipelines of the scenarios have in common: a line a run of a stage in a ledger that only grows, and gates, which
// are files that a test makes.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** One line: short enough to be appended in one write. */
export function note(stage, { job, attempt }) {
  const line = { job_id: job.id, stage, attempt, pid: process.pid, at: Date.now() };
  appendFileSync(process.env.SCENARIO_LEDGER, `${JSON.stringify(line)}\n`);
}

/** How often stages have run for a job, this run included: threads come and go, the ledger stays. */
export function runsOf(jobId) {
  const lines = readFileSync(process.env.SCENARIO_LEDGER, 'utf8').split('\n');
  return lines.filter((line) => line.includes(jobId)).length;
}

export function isOpen(name) {
  return existsSync(join(process.env.SCENARIO_FOLDER, name));
}

/** Waits until the gate is open; a signal ends the wait. */
export async function through(name, signal) {
  while (!isOpen(name)) await pause(10, undefined, { signal });
}
