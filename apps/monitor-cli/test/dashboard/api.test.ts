// What the routes answer, over real stores: each answer validates against the OpenAPI document that the server itself gives, and
// so does what was sent, where it was let in; what was malformed does not. No route is missing in the document.
/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access --
   the documents of the program under test come as they are: their shape is what is tested here */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../src/dashboard/routes.ts';
import { failure, startSystem, type System } from '../system.ts';
import { startBench, type Answered, type Bench } from './bench.ts';
import { createJudge, type Judge, type OpenApi, type Sent } from './documented.ts';

let system: System;
let bench: Bench;
let openapi: OpenApi;
let judge: Judge;
beforeAll(async () => {
  system = await startSystem();
  bench = await startBench(system);
  await bench.open.redis.ready(5000);
  openapi = (await bench.ask('/api/openapi.json')).json;
  judge = createJudge(openapi);
});
afterAll(async () => {
  await bench.stop();
  await system.stop();
});

const UNKNOWN = '0b8fc9a6-5a3e-4d0c-9a52-3f2f6f0d8a11';
const asked = new Set<string>();

/** What only its list can read: a wrong one is a 400 of which the document cannot know. */
const OPAQUE = /[?&]cursor=[^&]/;

/** The answer has to be what the document says of this operation and status, and what was sent what it takes, unless it was malformed. */
function conforming(method: string, path: string, sent: Sent, answer: Answered): Answered {
  const told = `${method} ${path} ${JSON.stringify(sent)} answers ${String(answer.status)}: ${answer.text}`;
  expect(judge.answered(method, path, answer), told).toEqual([]);
  const wrong = judge.sent(method, path, sent);
  if (answer.status !== 400) expect(wrong, told).toEqual([]);
  else if (!OPAQUE.test(sent.query ?? '')) expect(wrong, `the document takes what is refused: ${told}`).not.toEqual([]);
  if (answer.status === 200) asked.add(`${method} ${path}`);
  return answer;
}

const paramsOf = (path: string, id: string) => (path.includes('{job_id}') ? { job_id: id } : {});

/** @param path as OpenAPI writes it; `id` and `query` are what stands for the id, and behind the path */
async function get(path: string, id = '', query = ''): Promise<Answered> {
  const answer = await bench.ask(path.replace('{job_id}', id) + query);
  return conforming('GET', path, { params: paramsOf(path, id), query }, answer);
}
async function post(path: string, id = '', body: unknown = {}): Promise<Answered> {
  const answer = await bench.post(path.replace('{job_id}', id), body);
  return conforming('POST', path, { params: paramsOf(path, id), body }, answer);
}

async function failed(count: number, fingerprint: string): Promise<string[]> {
  const ids = await system.discover(count, 'Failing');
  await system.ask('enqueue', ...ids);
  for (const id of ids) await system.settle(id, failure('TypeError', fingerprint));
  return ids;
}
const statusOf = async (id: string) => (await system.repository.findJob(id))?.row.status;
const lastEvent = async (id: string) => (await system.repository.timeline(id)).at(-1);
async function lastSystemEvent(): Promise<unknown> {
  const { rows } = await system.database.client.query<{ event: string; detail: unknown }>(
    'SELECT event, detail FROM system_events ORDER BY id DESC LIMIT 1',
  );
  return rows[0];
}
const BY = 'dashboard:anonymous from 127.0.0.1';

describe('reading', () => {
  it('the status is the document of the command', async () => {
    const { json } = await get('/api/status');
    const { json: told } = await system.ask('status');
    expect({ ...json, redis: 0, postgres: 0 }).toEqual({ ...told, redis: 0, postgres: 0 });
    expect((await get('/api/workers')).json).toEqual([]);
  });

  it('jobs come newest first, by status, source and words, page by page', async () => {
    const ids = await system.discover(5, 'Rust 100% <b>');
    const found: string[] = [];
    for (let cursor = ''; ;) {
      const { json } = await get('/api/jobs', '', `?text=rust%20100%25&limit=2${cursor}`);
      for (const job of json.jobs as { job_id: string }[]) found.push(job.job_id); // judged by the schema already
      expect(json.jobs.length).toBeLessThanOrEqual(2);
      if (json.next_cursor === null) break;
      cursor = `&cursor=${json.next_cursor}`;
    }
    expect(found).toEqual([...ids].reverse());
    expect((await get('/api/jobs', '', '?text=100_')).json.jobs).toEqual([]);
    expect((await get('/api/jobs', '', '?source=file:test&status=discovered&text=rust')).json.jobs).toHaveLength(5);
    expect((await get('/api/jobs', '', '?status=&source=&text=&cursor=')).status).toBe(200);
    expect((await get('/api/jobs', '', '?source=elsewhere')).json.jobs).toEqual([]);
  });

  it('a job comes with its timeline, waits and cause, and without its token', async () => {
    const [id = ''] = await system.discover(1);
    await post('/api/jobs/{job_id}/enqueue', id);
    await system.claim(id);
    const { json, text } = await get('/api/jobs/{job_id}', id.toUpperCase());
    expect(json).toMatchObject({
      job_id: id,
      status: 'processing',
      worker_name: 'w1',
      stage_outputs: {},
      error_info: null,
    });
    expect(json.timeline.map(({ event }: { event: string }) => event)).toEqual(['discovered', 'queued', 'claimed']);
    expect(json.waits.at(-1)).toMatchObject({ to: null });
    expect(json.cause).toMatch(/^Worker w1/);
    expect(text).not.toMatch(/token|holder/);
    expect((await get('/api/jobs/{job_id}', UNKNOWN)).status).toBe(404);
    expect((await get('/api/jobs/{job_id}', 'nonsense')).status).toBe(400);
  });

  it('dead letters come oldest first, page by page, and in groups', async () => {
    const ids = await failed(3, 'pages');
    const first = (await get('/api/failed', '', '?limit=2')).json;
    const second = (await get('/api/failed', '', `?limit=2&cursor=${first.next_cursor}`)).json;
    const found = [...first.failed, ...second.failed].map(({ job_id }: { job_id: string }) => job_id);
    expect([found, second.next_cursor]).toEqual([ids, null]);
    expect((await get('/api/failed/groups')).json).toMatchObject([
      { fingerprint: 'pages', count: 3, name: 'TypeError' },
    ]);
    await post('/api/failed/retry', '', { all: true });
  });

  it.each([
    '/api/jobs?limit=0',
    '/api/jobs?limit=501',
    '/api/jobs?limit=ten',
    '/api/jobs?limit=1&limit=2',
    '/api/jobs?status=lost',
    '/api/jobs?cursor=x',
    `/api/jobs?text=${'x'.repeat(201)}`,
    '/api/failed?limit=-1',
    '/api/failed?cursor=eyJzZXEiOjF9',
    '/api/history?hours=2',
  ])('%s is malformed', async (path) => {
    const [address = '', query = ''] = path.split(/(?=\?)/);
    const { status, json } = await get(address, '', query);
    expect([status, json.code]).toEqual([400, 'malformed']);
  });

  it('the history is there from the first minute on', async () => {
    expect((await get('/api/history')).json).toMatchObject({ hours: 1, step_seconds: 60 });
    expect((await get('/api/history', '', '?hours=24')).json.hours).toBe(24);
  });
});

describe('writing', () => {
  it('enqueues one job, and tells who asked and from where in its history', async () => {
    const [id = ''] = await system.discover(1);
    const { json } = await post('/api/jobs/{job_id}/enqueue', id);
    expect(json).toMatchObject([{ job_id: id, dispatched: true, already_queued: false }]);
    expect(await lastEvent(id)).toMatchObject({ event: 'queued', detail: { by: BY } });
    expect((await post('/api/jobs/{job_id}/enqueue', id)).json[0].already_queued).toBe(true);
    expect((await post('/api/jobs/{job_id}/enqueue', UNKNOWN)).status).toBe(404);
  });

  it('cancels a queued and a running job; the worker that ends it tells who wished it', async () => {
    const [queued = '', running = '', idle = ''] = await system.discover(3);
    await system.ask('enqueue', queued, running);
    const token = await system.claim(running);
    expect((await post('/api/jobs/{job_id}/cancel', queued)).json).toEqual({ job_id: queued, status: 'cancelled' });
    expect(await lastEvent(queued)).toMatchObject({ event: 'cancelled', detail: { by: BY } });
    expect((await post('/api/jobs/{job_id}/cancel', running)).json).toEqual({ job_id: running, status: 'processing' });
    await system.repository.settle([{ jobId: running, token, outcome: { kind: 'cancelled' } }]);
    expect(await lastEvent(running)).toMatchObject({ event: 'cancelled', detail: { by: BY } });
    expect((await post('/api/jobs/{job_id}/cancel', idle)).status).toBe(409);
  });

  it('retries one job, those named, a group, and all, each on record; none where one of those named has not failed', async () => {
    const [first, second, third] = [await failed(3, 'f1'), await failed(2, 'f2'), await failed(2, 'f3')];
    const retried = { event: 'retried', detail: { by: BY } };
    const [one = '', two = '', three = ''] = first;
    expect((await post('/api/jobs/{job_id}/retry', one)).json).toMatchObject({ retried: 1, job_ids: [one] });
    expect(await lastEvent(one)).toMatchObject(retried);
    expect((await post('/api/jobs/{job_id}/retry', one)).status).toBe(409);
    expect((await post('/api/failed/retry', '', { job_ids: [two, one] })).status).toBe(409);
    expect((await post('/api/failed/retry', '', { job_ids: [two, UNKNOWN] })).status).toBe(404);
    expect(await statusOf(two)).toBe('failed');
    expect((await post('/api/failed/retry', '', { job_ids: [two, three, two] })).json.retried).toBe(2);
    expect(await Promise.all([two, three].map(lastEvent))).toMatchObject([retried, retried]);
    expect((await post('/api/failed/retry', '', { fingerprint: 'nope' })).status).toBe(404);
    expect((await post('/api/failed/retry', '', { fingerprint: 'f2' })).json).toEqual({ retried: 2, dispatched: true });
    expect(await Promise.all(second.map(statusOf))).toEqual(['queued', 'queued']);
    expect(await Promise.all(second.map(lastEvent))).toMatchObject([retried, retried]);
    expect((await post('/api/failed/retry', '', { all: true })).json.retried).toBe(2);
    expect(await Promise.all(third.map(lastEvent))).toMatchObject([retried, retried]);
    expect((await post('/api/failed/retry', '', { all: true })).json.retried).toBe(0);
  });

  it.each([
    {},
    { all: false },
    { job_ids: [] },
    { job_ids: ['x'] },
    { all: true, fingerprint: 'f' },
    { fingerprint: '' },
    [],
    'text',
    null,
  ])('a retry of %j is malformed', async (body) => {
    expect((await post('/api/failed/retry', '', body)).status).toBe(400);
  });

  it('discards only what is meant', async () => {
    const [id = ''] = await failed(1, 'f5');
    expect((await post('/api/jobs/{job_id}/discard', id, {})).status).toBe(400);
    expect((await post('/api/jobs/{job_id}/discard', id, { confirm: true })).json).toEqual({
      job_id: id,
      status: 'cancelled',
    });
    expect(await lastEvent(id)).toMatchObject({ event: 'discarded', detail: { by: BY } });
    expect((await post('/api/jobs/{job_id}/discard', id, { confirm: true })).status).toBe(409);
  });

  it('pauses and resumes, and tells who asked and from where among the events of the system', async () => {
    expect((await post('/api/queue/pause')).json).toEqual({ paused: true });
    expect((await get('/api/status')).json.paused).toBe(true);
    expect(await lastSystemEvent()).toEqual({ event: 'paused', detail: { by: BY } });
    expect((await post('/api/queue/resume')).json).toEqual({ paused: false });
    expect(await lastSystemEvent()).toEqual({ event: 'resumed', detail: { by: BY } });
  });

  it('a budget that is used up is a 429 that says when to come back, and changes nothing', async () => {
    const limited = await startBench(system, { env: { ENQUEUE_RATE_LIMIT: '1' } });
    try {
      const [one = '', two = ''] = await system.discover(2);
      await limited.post(`/api/jobs/${one}/enqueue`);
      const refused = await limited.post(`/api/jobs/${two}/enqueue`);
      conforming('POST', '/api/jobs/{job_id}/enqueue', { params: { job_id: two }, body: {} }, refused);
      expect([refused.status, Number(refused.headers['retry-after'])]).toEqual([429, expect.any(Number)]);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect(await statusOf(two)).toBe('discovered');
    } finally {
      await limited.stop();
    }
  });
});

describe('the OpenAPI document', () => {
  it('names every route, and every route was asked above', () => {
    const named = Object.entries(openapi.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = ROUTES.map(({ method, path }) => `${method} ${path}`);
    expect(named.sort()).toEqual([...served, 'GET /api/events', 'GET /api/openapi.json'].sort());
    expect([...asked].sort()).toEqual([...served].sort());
  });

  it('says truly where a body has to be sent', async () => {
    for (const { method, path } of ROUTES) {
      if (method !== 'POST') continue;
      const { status } = await bench.post(path.replace('{job_id}', UNKNOWN), '');
      const { requestBody } = openapi.paths[path]?.['post'] ?? {};
      expect([path, requestBody?.required ?? false]).toEqual([path, status === 400]);
    }
  });

  it('says what its schemas say of themselves', () => {
    const { parameters = [] } = openapi.paths['/api/jobs']?.['get'] ?? {};
    expect(parameters).toContainEqual(
      expect.objectContaining({ name: 'source', description: 'as it was named to the poller' }),
    );
    expect(JSON.stringify(openapi)).toContain("the minute's beginning");
  });

  it('is refused by no reader: all references lead somewhere', () => {
    const references = [...JSON.stringify(openapi).matchAll(/"\$ref":"#([^"]+)"/g)].map(([, at = '']) => at);
    expect(references.length).toBeGreaterThan(10);
    for (const at of references) {
      const found = at
        .split('/')
        .slice(1)
        .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], openapi);
      expect(found, at).toBeDefined();
    }
  });
});
