/** Acceptance 1: a posting is taken in, enqueued and processed; status, timeline and logs tell the same story. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EnqueueResult, StatusDocument } from '@jobhive/queue';
import { logRecords, type LogRecord } from '../src/log-records.ts';
import { posting, POSTING_WORD } from '../src/postings.ts';
import { startSystem, type System } from '../src/system.ts';

let system: System;
let jobId: string;
let enqueued: readonly EnqueueResult[];
let log: readonly LogRecord[];

beforeAll(async () => {
  system = await startSystem();
  [jobId = ''] = await system.discover([posting(1)]);
  enqueued = await system.monitor('enqueue', jobId);
  const { code, stderr } = await system.run('worker', ['--burst', '--name', 'first-worker']);
  expect(code, stderr).toBe(0);
  log = logRecords(stderr);
});
afterAll(() => system.stop());

interface Why {
  readonly status: string;
  readonly cause: string;
  readonly timeline: readonly { event: string; attempt: number; worker_name: string | null; at: string }[];
  readonly waits: readonly { for: string; from: string; to: string | null }[];
}

test('enqueue answers with the first place in line, dispatched', () => {
  expect(enqueued).toEqual([
    { job_id: jobId, queue_position: 1, estimated_wait_time: null, dispatched: true, already_queued: false },
  ]);
});

test('the job is processed, in one attempt, without an error', async () => {
  const [row] = await system.monitor<readonly Record<string, unknown>[]>('jobs', '--status', 'processed');
  expect(row).toMatchObject({ job_id: jobId, status: 'processed', attempt: 1 });
  expect(await system.record.row(jobId)).toMatchObject({ error_info: null, worker_name: 'first-worker' });
  const status = await system.monitor<StatusDocument>('status');
  expect(status.counts).toEqual({ discovered: 0, queued: 0, processing: 0, processed: 1, failed: 0, cancelled: 0 });
  expect(status).toMatchObject({ depth: 0, processing: 0, rate_per_minute: 1, execution_ms: { count: 1 } });
});

test('the timeline tells each step once, in order', async () => {
  const why = await system.monitor<Why>('why', jobId);
  expect(why.status).toBe('processed');
  const steps = why.timeline.filter(({ event }) => event !== 'dispatched'); // the first enqueue of all made Redis whole
  expect(steps.map(({ event }) => event)).toEqual([
    'discovered',
    'queued',
    'claimed',
    'stage_finished',
    'stage_finished',
    'stage_finished',
    'processed',
  ]);
  expect(steps.slice(2).every((entry) => entry.attempt === 1 && entry.worker_name === 'first-worker')).toBe(true);
});

test('the log tells the same steps, with job, worker and attempt as fields', () => {
  const steps = log.filter((record) => record.job_id === jobId);
  expect(steps.map(({ message }) => message)).toEqual([
    'claimed',
    'stage finished',
    'stage finished',
    'stage finished',
    'processed',
  ]);
  for (const step of steps) expect(step).toMatchObject({ worker: 'first-worker', attempt: 1, level: 'info' });
  expect(log.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      'worker started',
      'worker stopping: finishes what it holds, takes nothing new',
      'worker stopped',
    ]),
  );
  expect(JSON.stringify(log)).not.toContain(POSTING_WORD);
});

test('one document bears the job id in its name, and holds the posting', async () => {
  const documents = await system.documents();
  expect(documents).toEqual([`${jobId}-application.md`]);
  expect(await readFile(join(system.outputDir, documents[0] ?? ''), 'utf8')).toContain(POSTING_WORD);
});

test('Redis holds the id no longer, but among the finished', async () => {
  const { client } = system.redis;
  expect(await client.llen('bq:job_processing_queue:waiting')).toBe(0);
  expect(await client.llen('bq:job_processing_queue:active')).toBe(0);
  expect(await client.hlen('bq:job_processing_queue:jobs')).toBe(0);
  expect(await client.zrange('jobhive:finished', '0', '-1')).toEqual([jobId]);
});
