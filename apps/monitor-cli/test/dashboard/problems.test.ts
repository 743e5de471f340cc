// Errors are problem documents, whatever is asked: unknown addresses, wrong methods, no HTTP at all, and stores that are away.
/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access --
   the documents of the program under test come as they are: their shape is what is tested here */
import { connect } from 'node:net';
import { waitFor, type Proxy } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toProblem } from '../../src/dashboard/problem.ts';
import { startSystem, type System } from '../system.ts';
import { startBench, startBenchBehindProxy, type Bench } from './bench.ts';

let system: System;
let bench: Bench;
let postgres: Proxy;
beforeAll(async () => {
  system = await startSystem();
  ({ bench, postgres } = await startBenchBehindProxy(system));
});
afterAll(async () => {
  await bench.stop();
  await system.stop();
});

describe('an address', () => {
  it.each([
    ['GET', '/nope', 404, undefined],
    ['GET', '/api/nope', 404, undefined],
    ['GET', '/../package.json', 404, undefined],
    ['GET', '/page/../../main.js', 404, undefined],
    ['DELETE', '/api/status', 405, 'GET'],
    ['POST', '/api/status', 405, 'GET'],
    ['POST', '/', 405, 'GET'],
    ['GET', '/api/queue/pause', 405, 'POST'],
    ['PUT', '/api/jobs/x/enqueue', 405, 'POST'],
    ['GET', '/api/%', 400, undefined],
  ])('%s %s is a %i', async (method, path, status, allow) => {
    const answer = await bench.ask(path, { method, headers: { 'content-type': 'application/json' } });
    expect([answer.status, answer.headers.allow, answer.headers['content-type']]).toEqual([
      status,
      allow,
      'application/problem+json',
    ]);
    expect(answer.json).toMatchObject({
      type: 'about:blank',
      status,
      title: expect.any(String),
      detail: expect.any(String),
    });
  });
});

it('what is no HTTP is told so, and the connection ends', async () => {
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(bench.port, '127.0.0.1', () => socket.write('nonsense\r\n\r\n'));
    let got = '';
    socket.setEncoding('utf8').on('data', (part: string) => (got += part));
    socket.on('error', reject).on('close', () => resolve(got));
  });
  expect(text).toMatch(/^HTTP\/1.1 400 Bad Request\r\ncontent-type: application\/problem\+json/);
});

it('a mistake of ours tells nothing of itself', () => {
  const { problem, unexpected } = toProblem(new Error('SELECT secret FROM jobs'));
  expect([problem.status, unexpected, JSON.stringify(problem)]).toEqual([
    500,
    true,
    expect.not.stringContaining('secret'),
  ]);
});

describe('with Postgres away', () => {
  it('the API is a 503 that says when to come back, the page stays, and all goes on when it is back', async () => {
    expect((await bench.ask('/api/status')).status).toBe(200);
    await postgres.refuse(true);
    postgres.cut();
    for (const path of [
      '/api/status',
      '/api/jobs',
      '/api/failed',
      '/api/failed/groups',
      '/api/history',
      '/api/events',
    ]) {
      const { status, json, headers } = await bench.ask(path);
      expect([path, status, json.code, headers['retry-after']]).toEqual([path, 503, 'postgres_away', '2']);
    }
    expect((await bench.post('/api/queue/pause')).status).toBe(503);
    expect((await bench.ask('/')).status).toBe(200);
    await postgres.heal();
    await waitFor('the status', async () => (await bench.ask('/api/status')).status === 200);
  });
});

describe('with Redis away', () => {
  it('the status says so; what needs Redis is a 503, an enqueue is on record', async () => {
    const alone = await startBench(system, { env: { REDIS_URL: 'redis://127.0.0.1:1' } });
    try {
      const { status, json } = await alone.ask('/api/status');
      expect([status, json.redis.ok, json.workers]).toEqual([200, false, { active: null, list: [] }]);
      expect((await alone.ask('/api/workers')).json).toMatchObject({ status: 503, code: 'redis_away' });
      expect((await alone.post('/api/queue/pause')).status).toBe(503);
      const [id = ''] = await system.discover(1);
      const enqueued = await alone.post(`/api/jobs/${id}/enqueue`);
      expect([enqueued.status, enqueued.json[0].dispatched]).toEqual([200, false]);
      expect((await alone.ask(`/api/jobs/${id}`)).json.cause).toMatch(/^Redis is away/);
    } finally {
      await alone.stop();
    }
  });
});
