/** Contract, "Shapes": every command with --json answers one document with the keys that are promised. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postings } from '../src/postings.ts';
import { startSystem, type System } from '../src/system.ts';

let system: System;
let failed: string;
let processing: string;
let discovered: string;

beforeAll(async () => {
  system = await startSystem({ pipeline: 'throwing', env: { RQ_MAX_RETRIES: '0' } });
  [failed = '', processing = '', discovered = ''] = await system.discover(postings(3));
  await system.monitor('enqueue', failed);
  expect((await system.run('worker', ['--burst'])).code).toBe(0);
  const gated = { PIPELINE_MODULE: system.env['PIPELINE_MODULE']?.replace('throwing', 'gated') };
  await system.worker('shaper', [], gated);
  await system.monitor('enqueue', processing);
  await system.record.untilEvent(processing, 'stage_finished');
});
afterAll(() => system.stop());

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown;
const NUMBER = expect.any(Number) as unknown;
const TEXT = expect.any(String) as unknown;

test('status', async () => {
  const status = await system.monitor<Record<string, unknown>>('status');
  expect(status).toMatchObject({
    queue: 'job_processing_queue',
    depth: 0,
    delayed: 0,
    processing: 1,
    failed: 1,
    paused: false,
    workers: { active: 1 },
    rate_per_minute: NUMBER,
    execution_ms: { p50: NUMBER, p95: NUMBER, p99: NUMBER, count: 1 },
    oldest_waiting_seconds: null,
    counts: { discovered: 1, queued: 0, processing: 1, processed: 0, failed: 1, cancelled: 0 },
    redis: { ok: true, latency_ms: NUMBER },
    postgres: { ok: true, latency_ms: NUMBER },
  });
});

test('workers', async () => {
  await expect
    .poll(async () => system.monitor('workers'), { timeout: 30_000 })
    .toEqual([
      {
        name: 'shaper',
        host: TEXT,
        pid: NUMBER,
        since: TIME,
        job_id: processing,
        stage: 'second',
        progress: { fraction: 0.5, text: 'before the gate' },
        processed: 0,
        failed: 0,
        slots: 1,
        in_hand: 1,
        last_heartbeat: TIME,
      },
    ]);
});

test('jobs: newest discovery first, searched by status, words, source and time', async () => {
  const rows = await system.monitor<readonly Record<string, unknown>[]>('jobs');
  expect(rows.map((row) => row['job_id'])).toEqual([discovered, processing, failed]);
  expect(rows[2]).toEqual({
    job_id: failed,
    source: 'file:postings.ndjson',
    external_id: 'p-1',
    title: 'Title 1 quincunx',
    company: 'Company quincunx',
    location: 'Lisbon',
    url: 'https://jobs.example/1',
    status: 'failed',
    attempt: 1,
    discovered_at: TIME,
    queued_at: TIME,
    started_at: TIME,
    finished_at: TIME,
  });
  const search = [
    '--text',
    'TITLE 2',
    '--status',
    'processing',
    '--since',
    '1h',
    '--source',
    'file:postings.ndjson',
    '--limit',
    '1',
  ];
  expect(await system.monitor('jobs', ...search)).toMatchObject([{ job_id: processing, finished_at: null }]);
  expect(await system.monitor('jobs', '--text', 'Title %')).toEqual([]);
});

test('why', async () => {
  const why = await system.monitor<{ timeline: Record<string, unknown>[]; waits: Record<string, unknown>[] }>(
    'why',
    processing,
  );
  expect(why).toMatchObject({ job_id: processing, status: 'processing', cause: TEXT });
  for (const entry of why.timeline)
    expect(Object.keys(entry)).toEqual(expect.arrayContaining(['at', 'event', 'attempt', 'worker_name', 'detail']));
  for (const wait of why.waits)
    expect(Object.keys(wait)).toEqual(expect.arrayContaining(['for', 'name', 'from', 'to', 'ms']));
  expect(why.waits.at(-1)).toMatchObject({ for: 'stage', name: 'second', to: null });
  why.waits.slice(1).forEach((wait, n) => expect(wait['from']).toBe(why.waits[n]?.['to']));
});

test('failed list, groups and show', async () => {
  const fingerprint = expect.stringMatching(/^[0-9a-f]{12}$/) as unknown;
  const what = { name: 'TypeError', message: TEXT, stage: 'break', fingerprint };
  expect(await system.monitor('failed')).toEqual([{ job_id: failed, failed_at: TIME, attempts: 1, ...what }]);
  expect(await system.monitor('failed', 'list', '--limit', '1')).toHaveLength(1);
  expect(await system.monitor('failed', 'groups')).toEqual([{ count: 1, oldest_at: TIME, newest_at: TIME, ...what }]);
  expect(await system.monitor('failed', 'show', failed)).toMatchObject({
    job_id: failed,
    failed_at: TIME,
    error_info: { ...what, attempt: 1, worker_name: TEXT, at: TIME, reason: 'error', previous: [], stack: TEXT },
  });
});

test('doctor: findings, and exit 0 where nothing is to be mended', async () => {
  const { code, stdout } = await system.run('monitor-cli', ['doctor', '--json']);
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Record<string, unknown>[] }; // as the contract has it
  expect(findings.length).toBeGreaterThan(3);
  for (const finding of findings) {
    expect(['ok', 'warn', 'mend']).toContain(finding['severity']);
    expect(Object.keys(finding)).toEqual(expect.arrayContaining(['check', 'severity', 'message', 'mend']));
  }
  expect(ok).toBe(findings.every(({ severity }) => severity !== 'mend'));
  expect(code).toBe(ok ? 0 : 1);
});

test('migrate, retry --dry-run and status --watch', async () => {
  expect(await system.monitor('migrate')).toEqual({ applied: [] });
  expect(await system.monitor('retry', '--all', '--dry-run')).toMatchObject({ retried: 1, job_ids: [failed] });
  const watch = system.start('monitor-cli', ['status', '--watch', '--json']);
  await expect.poll(() => watch.stdout().split('\n').length, { timeout: 30_000 }).toBeGreaterThan(2);
  watch.signal('SIGINT');
  expect(await watch.exited).toEqual({ code: 0, signal: null });
  const documents = watch
    .stdout()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  for (const document of documents) expect(document).toMatchObject({ depth: 0, failed: 1 });
});
