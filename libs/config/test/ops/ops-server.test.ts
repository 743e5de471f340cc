import { request as rawRequest } from 'node:http';
import { connect } from 'node:net';
import { waitFor } from '@jobhive/test-kit';
import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics, createOpsServer, silentLogger, UnavailableError, type HealthCheck } from '../../src/index.ts';
import type { OpsServer, OpsServerOptions } from '../../src/ops/ops-server.ts';
import { checkReadiness } from '../../src/ops/health.ts';

const started: OpsServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

function opsServer(over: Partial<OpsServerOptions> = {}): OpsServer {
  const options = { port: 0, host: '127.0.0.1', metrics: createMetrics(), checks: [], log: silentLogger, ...over };
  const server = createOpsServer(options);
  started.push(server);
  return server;
}

async function startedAt(over: Partial<OpsServerOptions> = {}): Promise<string> {
  const server = opsServer(over);
  await server.start();
  return `http://127.0.0.1:${server.port}`;
}

const well: HealthCheck = { name: 'redis', check: () => Promise.resolve() };
const away: HealthCheck = {
  name: 'postgres',
  check: () => Promise.reject(Object.assign(new Error('postgres://u:hunter2@h'), { code: 'ECONNREFUSED' })),
};
const odd: HealthCheck = {
  name: 'odd',
  check: () => {
    throw new TypeError('at once');
  },
};

describe('the ops server', () => {
  it('says that it lives, whatever the checks say', async () => {
    const answer = await fetch(`${await startedAt({ checks: [away] })}/healthz`);
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('is ready when every check passes', async () => {
    const answer = await fetch(`${await startedAt({ checks: [well] })}/readyz?probe=1`);
    expect([answer.status, await answer.json()]).toEqual([200, { ready: true, checks: [{ name: 'redis', ok: true }] }]);
  });

  it('is not ready when one fails, and tells which, without its message', async () => {
    const answer = await fetch(`${await startedAt({ checks: [well, away, odd] })}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      ready: false,
      checks: [
        { name: 'redis', ok: true },
        { name: 'postgres', ok: false, reason: 'ECONNREFUSED' },
        { name: 'odd', ok: false, reason: 'TypeError' },
      ],
    });
  });

  it('renders the metrics', async () => {
    const answer = await fetch(`${await startedAt()}/metrics`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await answer.text()).toContain('jobhive_queue_depth 0');
  });

  it('answers 500 where rendering fails, and lives on', async () => {
    const broken = { contentType: createMetrics().contentType, render: () => Promise.reject(new Error('no')) };
    const address = await startedAt({ metrics: broken });
    expect((await fetch(`${address}/metrics`)).status).toBe(500);
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
  });

  it('takes GET and HEAD only, knows three pages, and takes no body', async () => {
    const address = await startedAt();
    const post = await fetch(`${address}/metrics`, { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(`${address}/other`)).status).toBe(404);
    const head = await fetch(`${address}/healthz`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(0);
    for (const headers of [{ 'content-length': '1' }, { 'transfer-encoding': 'chunked' }]) {
      const status = await new Promise((resolve, reject) => {
        const asked = rawRequest(`${address}/healthz`, { headers }, (answer) => resolve(answer.resume().statusCode));
        asked.on('error', reject).end('x');
      });
      expect(status).toBe(413);
    }
  });

  it('refuses to start on a port that is taken, and names it', async () => {
    const first = opsServer();
    await first.start();
    const port = first.port ?? 0;
    const refused: unknown = await opsServer({ port })
      .start()
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UnavailableError);
    expect(refused).toMatchObject({ code: 'port_taken', exitCode: 1 });
    expect(String(refused)).toContain(`port ${port} is taken`);
  });

  it('says so where it cannot listen for another reason', async () => {
    const server = opsServer({ host: '203.0.113.1' });
    await expect(server.start()).rejects.toThrow(/cannot be listened on \(EADDRNOTAVAIL\)/);
  });

  it('stops twice, before it started, and although a client holds its connection', async () => {
    const server = opsServer();
    await server.stop();
    await server.start();
    const { port } = server;
    const socket = connect({ port: port ?? 0, host: '127.0.0.1' });
    let closed = false;
    socket.on('close', () => (closed = true)).on('error', () => undefined);
    socket.write('GET /healthz HTTP/1.1\r\n');
    await waitFor('the connection', () => !socket.connecting);
    await Promise.all([server.stop(), server.stop()]);
    await waitFor('the connection to be cut', () => closed);
    expect(server.port).toBeUndefined();
  });
});

it('gives each check its time, and no more', async () => {
  const late: HealthCheck = { name: 'late', check: () => new Promise(() => undefined) };
  expect(await checkReadiness([late, well], 10)).toEqual({
    ready: false,
    checks: [
      { name: 'late', ok: false, reason: 'deadline' },
      { name: 'redis', ok: true },
    ],
  });
});
