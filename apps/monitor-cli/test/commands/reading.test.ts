/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-return --
   the documents of the program under test come as they are: their shape is what is tested here */
import { ShutdownRequested } from '@jobhive/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failure, startSystem, type System } from '../system.ts';

let system: System;
let ids: string[];
beforeAll(async () => {
  system = await startSystem();
  ids = await system.discover(6, 'Rust%_ Engineer');
  await system.ask('enqueue', ...ids.slice(0, 4));
  await system.settle(ids[0] ?? '', { kind: 'processed', last: undefined });
  await system.settle(ids[1] ?? '', failure('TypeError', 'f1'));
  await system.settle(ids[2] ?? '', failure('TypeError', 'f1'));
});
afterAll(() => system.stop());

describe('status', () => {
  it('has the shape of the contract', async () => {
    const { code, json } = await system.ask('status');
    expect(code).toBe(0);
    expect(json).toMatchObject({
      queue: 'job_processing_queue',
      depth: 1,
      delayed: 0,
      processing: 0,
      failed: 2,
      paused: false,
      workers: { active: 0, list: [] },
      rate_per_minute: 3,
      counts: { discovered: 2, queued: 1, processing: 0, processed: 1, failed: 2, cancelled: 0 },
      redis: { ok: true },
      postgres: { ok: true },
    });
    expect(json.execution_ms.count).toBe(3);
    expect(json.oldest_waiting_seconds).toBeGreaterThanOrEqual(0);
  });

  it('is told in words, without colours where there is no terminal', async () => {
    const { stdout } = await system.run(['status']);
    expect(stdout).toContain('1 ready, 0 for a retry');
    expect(stdout).not.toContain('\u001b');
  });

  it('--watch gives a document a line, and ends with 0 when asked to', async () => {
    const end = new AbortController();
    const running = system.run(['status', '--watch', '--json'], {}, end.signal);
    const stopping = setTimeout(() => end.abort(new ShutdownRequested('SIGINT')), 2600);
    const { code, stdout } = await running.finally(() => clearTimeout(stopping));
    expect(code).toBe(0);
    const lines = stdout.trim().split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('depth', 1);
  });
});

describe('jobs', () => {
  it('gives the newest discovery first, as rows of the contract', async () => {
    const { json } = await system.ask('jobs');
    expect(json.map((row: { job_id: string }) => row.job_id)).toEqual(ids.toReversed());
    expect(Object.keys(json[0])).toEqual([
      'job_id',
      'source',
      'external_id',
      'title',
      'company',
      'location',
      'url',
      'status',
      'attempt',
      'discovered_at',
      'queued_at',
      'started_at',
      'finished_at',
    ]);
  });

  it('searches by status, source, words in which every character stands for itself, and time', async () => {
    const count = async (...words: string[]) => (await system.ask('jobs', ...words)).json.length;
    expect(await count('--status', 'failed')).toBe(2);
    expect(await count('--source', 'file:test')).toBe(6);
    expect(await count('--source', 'file:other')).toBe(0);
    expect(await count('--text', 'ACME rust%_')).toBe(6);
    expect(await count('--text', 'rust%x')).toBe(0);
    expect(await count('--since', '1h')).toBe(6);
    expect(await count('--since', '2999-01-01')).toBe(0);
    expect(await count('--limit', '2')).toBe(2);
  });

  it('exports all rows there are, a document a line, in the order of the list', async () => {
    const { code, stdout } = await system.run(['jobs', '--ndjson']);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect([code, rows]).toEqual([0, (await system.ask('jobs')).json]);
    const failed = await system.run(['failed', 'list', '--ndjson', '--limit', '1']);
    expect(JSON.parse(failed.stdout)).toEqual((await system.ask('failed')).json[0]);
    expect((await system.run(['jobs', '--ndjson', '--source', 'file:other'])).stdout).toBe('');
  });

  it('says in a sentence that nothing matches', async () => {
    expect((await system.run(['jobs', '--source', 'file:other'])).stdout).toBe('No job matches.\n');
  });
});

describe('failed', () => {
  it('lists the oldest failure first', async () => {
    const { json } = await system.ask('failed');
    expect(json.map((row: { job_id: string }) => row.job_id)).toEqual(ids.slice(1, 3));
    expect(json[0]).toMatchObject({ attempts: 1, stage: 'match', name: 'TypeError', fingerprint: 'f1' });
    expect((await system.ask('failed', 'list', '--limit', '1')).json).toHaveLength(1);
  });

  // What had gone wrong: a list that was cut at its limit looked like the whole of it.
  it('says where there may be more than it shows, as jobs does', async () => {
    const { stdout } = await system.run(['failed', 'list', '--limit', '2']);
    expect(stdout).toMatch(/\nThe oldest 2; --limit shows more\.\n$/);
    expect((await system.run(['failed', 'list', '--limit', '3'])).stdout).not.toContain('The oldest');
    expect((await system.run(['jobs', '--limit', '2'])).stdout).toMatch(/\nThe newest 2; --limit shows more\.\n$/);
  });

  it('groups by fingerprint', async () => {
    const { json } = await system.ask('failed', 'groups');
    expect(json).toHaveLength(1);
    expect(json[0]).toMatchObject({ fingerprint: 'f1', count: 2, name: 'TypeError', stage: 'match' });
  });

  it('shows one with its error; another is refused, an unknown one too', async () => {
    const { json } = await system.ask('failed', 'show', ids[1] ?? '');
    expect(json.job_id).toBe(ids[1]);
    expect(json.error_info).toMatchObject({ name: 'TypeError', previous: [] });
    expect((await system.run(['failed', 'show', ids[1] ?? ''])).stdout).toContain('TypeError: TypeError of the test');
    expect((await system.ask('failed', 'show', ids[5] ?? '')).code).toBe(1);
    expect((await system.ask('failed', 'show', '0b8fc9a6-5a3e-4d0c-9a52-3f2f6f0d8a11')).code).toBe(1);
    expect((await system.ask('failed', 'show', 'x')).code).toBe(2);
  });
});

describe('why', () => {
  it('gives cause, timeline and waits', async () => {
    const { json } = await system.ask('why', (ids[3] ?? '').toUpperCase());
    expect(json).toMatchObject({
      job_id: ids[3],
      status: 'queued',
      cause: 'No worker is alive; start one with `worker`.',
    });
    expect(json.timeline.slice(0, 2).map((entry: { event: string }) => entry.event)).toEqual(['discovered', 'queued']);
    expect(Object.keys(json.timeline[0])).toEqual(['at', 'event', 'attempt', 'worker_name', 'detail']);
    expect(json.waits.at(-1)).toMatchObject({ for: 'worker', name: null, to: null });
  });

  it('says that a failed job failed, in which stage, and what to do', async () => {
    expect((await system.ask('why', ids[1] ?? '')).json.cause).toMatch(
      /^Failed after 1 attempt with TypeError in stage match/,
    );
    expect((await system.run(['why', ids[1] ?? ''])).stdout).toContain('Rust%_ Engineer');
  });

  it('refuses an unknown id', async () => {
    const { code, error, stdout } = await system.ask('why', '0b8fc9a6-5a3e-4d0c-9a52-3f2f6f0d8a11');
    expect([code, stdout, error?.message]).toEqual([1, '', expect.stringMatching(/^no such job/)]);
  });
});

describe('workers', () => {
  it('is an empty array, and a sentence, where nobody lives', async () => {
    expect((await system.ask('workers')).json).toEqual([]);
    expect((await system.run(['workers'])).stdout).toMatch(/^No worker is alive/);
  });
});
