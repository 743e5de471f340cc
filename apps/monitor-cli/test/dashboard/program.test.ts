// The command `dashboard`: where it may listen, what it says, how it ends. The program itself is run once; what it refuses is
// asked of the command layer, as main.ts runs it.
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ShutdownRequested } from '@jobhive/config';
import { freePort, startProgram, startWebhookReceiver, waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSystem, type System } from '../system.ts';
import { send } from './bench.ts';
import { openStream } from './stream/streams.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const MAIN = ['--import', at('../../../../node_modules/tsx/dist/loader.mjs'), at('../../src/main.ts'), 'dashboard'];

let system: System;
let taken: Server;
beforeAll(async () => {
  system = await startSystem();
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  taken.close();
  await system.stop();
});

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

it('says its address, serves, and ends with 0 in order, also with streams open', { timeout: 90_000 }, async () => {
  const [port, opsPort] = [String(await freePort()), String(await freePort())];
  const env = { ...system.env, OPS_PORT: opsPort };
  const program = startProgram(process.execPath, [...MAIN, '--port', port], { env });
  expect(await program.waitForLine(/^dashboard: /, 60_000)).toBe(`dashboard: http://127.0.0.1:${port}/`);
  expect((await send(Number(port), '/api/status')).status).toBe(200);
  // Nothing listened there: whoever scrapes every app took the dashboard for dead.
  for (const path of ['/healthz', '/readyz']) expect((await send(Number(opsPort), path)).status).toBe(200);
  expect((await send(Number(opsPort), '/metrics')).text).toContain('jobhive_queue_depth 0');
  const stream = await openStream(Number(port));
  await waitFor('the first status', () => stream.events.length > 0);
  program.signal('SIGTERM');
  const from = performance.now();
  expect(await program.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - from).toBeLessThan(5000);
  expect([program.stdout().trim().split('\n').length, program.stderr()]).toEqual([1, '']);
  await waitFor('the end of the stream', () => stream.closed);
});

it('tells, once, of jobs that wait while no worker lives', { timeout: 90_000 }, async () => {
  const hook = await startWebhookReceiver();
  const [id = ''] = await system.discover(1);
  await system.ask('enqueue', id);
  await system.database.client.query(`UPDATE application_tracking SET queued_at = queued_at - interval '1 min'`);
  await system.database.client.query(`DELETE FROM system_events`); // just rebuilt, a queue is given time
  const env = { NOTIFY_WEBHOOK_URL: hook.url };
  const end = new AbortController();
  const dashboard = system.run(['dashboard', '--port', String(await freePort())], env, end.signal);
  await waitFor('the notice', () => hook.received.length > 0, { timeoutMs: 40_000 });
  end.abort(new ShutdownRequested('SIGTERM'));
  const { code, stderr } = await dashboard;
  expect([code, stderr.match(/the queue is stuck/g)]).toEqual([0, ['the queue is stuck']]);
  expect(hook.received.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([{ kind: 'stuck' }]);
  await hook.close();
  await system.ask('clear', '--confirm');
});

describe('the dashboard does not start', () => {
  const NOWHERE = { DATABASE_URL: 'postgres://postgres@127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' };
  const run = (env: NodeJS.ProcessEnv, ...words: string[]) => system.run(['dashboard', ...words], env);

  it.each(['0.0.0.0', '::', '192.0.2.1', 'jobs.example'])(
    'for others at %s without a token, and says so before it asks any store',
    async (host) => {
      const { code, stdout, error } = await run({ ...NOWHERE, DASHBOARD_HOST: host });
      expect([code, stdout, error?.message]).toEqual([
        2,
        '',
        expect.stringMatching(/^DASHBOARD_HOST is .*OPERATOR_TOKEN/),
      ]);
    },
  );

  it('at a port that is taken, which it names', async () => {
    const port = String(portOf(taken));
    const message = expect.stringMatching(new RegExp(`^port ${port} is taken`)) as unknown;
    const ops = await run({ OPS_PORT: port, DASHBOARD_PORT: String(await freePort()) });
    for (const { code, error } of [await run({ DASHBOARD_PORT: port }), await run({}, '--port', port), ops]) {
      expect([code, error?.message]).toEqual([1, message]);
    }
  });

  it('without a Postgres, or with one that was not migrated', async () => {
    const away = await run({ ...NOWHERE, DASHBOARD_HOST: '0.0.0.0', OPERATOR_TOKEN: 'of-this-test' });
    expect([away.code, away.error?.message]).toEqual([1, expect.stringMatching(/^Postgres at .* is away/)]);
    const empty = new URL(system.database.url);
    empty.pathname = '/postgres';
    const unmigrated = await run({ DATABASE_URL: empty.href, DASHBOARD_PORT: String(await freePort()) });
    expect([unmigrated.code, unmigrated.error?.message]).toEqual([1, expect.stringContaining('migrate')]);
  });

  it('at what is no port', async () => {
    for (const port of ['0', '65536', 'http']) expect((await run(NOWHERE, '--port', port)).code).toBe(2);
  });
});
