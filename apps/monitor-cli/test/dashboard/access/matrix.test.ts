// Who may do what: every kind of caller against every kind of route, as one table; and what is refused before a token counts.
/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access --
   the documents of the program under test come as they are: their shape is what is tested here */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSystem, type System } from '../../system.ts';
import { send, startBench, type Bench } from '../bench.ts';

const [OPERATOR, VIEWER] = ['operator-secret-1', 'viewer-secret-1'];
const UNKNOWN = '0b8fc9a6-5a3e-4d0c-9a52-3f2f6f0d8a11';

type Tokens = 'both' | 'operator' | 'viewer' | 'none';
let system: System;
const benches = new Map<Tokens, Bench>();
const at = (tokens: Tokens): Bench => {
  const bench = benches.get(tokens);
  if (bench === undefined) throw new Error(`no dashboard with ${tokens}`);
  return bench;
};
beforeAll(async () => {
  system = await startSystem();
  for (const tokens of ['both', 'operator', 'viewer', 'none'] as const) {
    const operator = tokens === 'both' || tokens === 'operator' ? OPERATOR : undefined;
    const viewer = tokens === 'both' || tokens === 'viewer' ? VIEWER : undefined;
    benches.set(tokens, await startBench(system, { tokens: { operator, viewer } }));
  }
});
afterAll(async () => {
  for (const bench of benches.values()) await bench.stop();
  await system.stop();
});

/** What a read and a write are answered; a write that may is a 404 here, for its job is unknown. */
const MATRIX: readonly [tokens: Tokens, caller: string, token: string | undefined, read: number, write: number][] = [
  ['both', 'nobody', undefined, 401, 401],
  ['both', 'a stranger', 'guessed', 401, 401],
  ['both', 'one with half of it', OPERATOR.slice(0, -1), 401, 401],
  ['both', 'one with more of it', `${OPERATOR}x`, 401, 401],
  ['both', 'one with an empty token', '', 401, 401],
  ['both', 'a viewer', VIEWER, 200, 403],
  ['both', 'an operator', OPERATOR, 200, 404],
  ['operator', 'nobody', undefined, 401, 401],
  ['operator', 'one who says undefined', 'undefined', 401, 401],
  ['operator', 'a viewer of another', VIEWER, 401, 401],
  ['operator', 'an operator', OPERATOR, 200, 404],
  ['viewer', 'nobody', undefined, 401, 401],
  ['viewer', 'a viewer', VIEWER, 200, 403],
  ['viewer', 'an operator of another', OPERATOR, 401, 401],
  ['none', 'anybody', undefined, 200, 404],
  ['none', 'one with a token that nobody asked for', 'whatever', 200, 404],
];

describe('may', () => {
  it.each(MATRIX)('where %s is set: %s (%s) reads %i, writes %i', async (tokens, _caller, token, read, write) => {
    const bench = at(tokens);
    expect((await bench.ask('/api/jobs', { token })).status).toBe(read);
    expect((await bench.post(`/api/jobs/${UNKNOWN}/cancel`, {}, { token })).status).toBe(write);
  });

  it('every address under /api asks for the token, also one that does not exist, the stream and the description', async () => {
    for (const path of [
      '/api',
      '/api/',
      '/api/nope',
      '/api/events',
      '/api/openapi.json',
      '/api/status?x=1',
      '/api/jobs/x',
    ]) {
      const { status, headers, json } = await at('both').ask(path);
      expect([path, status, headers['www-authenticate'], json.code]).toEqual([
        path,
        401,
        'Bearer realm="jobhive"',
        'no_token',
      ]);
    }
  });

  it('an address in other letters is no way round the token', async () => {
    const spellings = (path: string): string[] => [
      path.replace('/api', '/%61pi'),
      path.replace('/api', '/a%70%69'),
      `http://jobs.example${path}`,
    ];
    const reads = ['/api/status', '/api/jobs', '/api/events', '/api/openapi.json'].flatMap(spellings);
    for (const path of reads) expect([path, (await at('both').ask(path)).status]).toEqual([path, 401]);
    for (const path of ['/api/failed/retry', '/api/queue/pause', `/api/jobs/${UNKNOWN}/cancel`].flatMap(spellings)) {
      expect([path, (await at('both').post(path, {})).status]).toEqual([path, 401]);
      expect([path, (await at('both').post(path, {}, { token: VIEWER })).status]).toEqual([path, 403]);
    }
  });

  it('the page asks for none, and holds none', async () => {
    const { status, text } = await at('both').ask('/');
    expect(status).toBe(200);
    expect(text).not.toContain(OPERATOR);
  });

  it('the history tells by which token it was, and not the token', async () => {
    const [id = ''] = await system.discover(1);
    await at('both').post(`/api/jobs/${id}/enqueue`, {}, { token: OPERATOR });
    expect((await system.repository.timeline(id)).at(-1)?.detail).toEqual({ by: 'dashboard:operator from 127.0.0.1' });
  });
});

describe('another site', () => {
  it('cannot write, whatever token the browser has', async () => {
    const bench = at('both');
    const path = `/api/jobs/${UNKNOWN}/cancel`;
    const from = (origin: string) => bench.post(path, {}, { token: OPERATOR, headers: { origin } });
    expect((await from('http://evil.example')).json).toMatchObject({ status: 403, code: 'foreign_origin' });
    expect((await from('null')).status).toBe(403);
    expect((await from(bench.dashboard.address)).status).toBe(404);
  });

  it('cannot bend its name to loopback where no token guards', async () => {
    for (const path of ['/', '/api/status']) {
      const refused = await at('none').ask(path, { headers: { host: 'evil.example:9181' } });
      expect([refused.status, refused.json.code]).toEqual([403, 'foreign_host']);
    }
    expect((await at('operator').ask('/', { headers: { host: 'jobs.example' } })).status).toBe(200);
  });

  it('is told to frame, to sniff and to run nothing; and nothing of the stores is kept', async () => {
    for (const path of ['/', '/api/status', '/api/nope', '/nope']) {
      const { headers } = await at('none').ask(path);
      expect(headers).toMatchObject({
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      });
      if (path.startsWith('/api')) expect(headers['cache-control']).toBe('no-store');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
    expect((await at('none').ask('/api/status', { method: 'OPTIONS' })).status).toBe(405);
  });
});

describe('a write', () => {
  it.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data'],
    ['application/jsonp'],
    [''],
  ])('as %j is no JSON: 415', async (type) => {
    const headers = { 'content-type': type };
    const { status, json } = await at('none').post('/api/queue/pause', '{}', { headers });
    expect([status, json.code]).toEqual([415, 'media_type']);
  });

  it('without any content type is a 415; with an empty body, or a charset, it is one', async () => {
    const { port } = at('none');
    expect((await send(port, '/api/queue/resume', { method: 'POST' })).status).toBe(415);
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect((await send(port, '/api/queue/resume', { method: 'POST', headers })).status).toBe(200);
  });

  it('of more than a mebibyte is a 413, of broken JSON a 400', async () => {
    const huge = JSON.stringify({ fingerprint: 'x'.repeat(1024 * 1024) });
    const { status, json } = await at('none').post('/api/failed/retry', huge);
    expect([status, json.code]).toEqual([413, 'too_large']);
    expect((await at('none').post('/api/failed/retry', '{"all":')).status).toBe(400);
    expect((await at('none').post('/api/failed/retry', '{"__proto__":{"all":true}}')).status).toBe(400);
  });
});
