// The command `dashboard`: where it may listen, what it says, what it leaves on record, how it ends. For what it does the program
// itself is run; what it refuses is asked of the command layer, as main.ts runs it.
import { createServer, type Server } from 'node:net';
import { ShutdownRequested } from '@jobhive/config';
import { freePort, startWebhookReceiver, waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HistorySample } from '../../src/dashboard/schema/history.ts';
import { startSystem, type System } from '../system.ts';
import { send } from './bench.ts';
import { runDashboardProgram } from './running.ts';
import { openStream } from './stream/streams.ts';

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
  const opsPort = await freePort();
  const { program, port, line } = await runDashboardProgram({ ...system.env, OPS_PORT: String(opsPort) });
  expect(line).toBe(`dashboard: http://127.0.0.1:${String(port)}/`);
  expect((await send(port, '/api/status')).status).toBe(200);
  // Nothing listened there: whoever scrapes every app took the dashboard for dead.
  for (const path of ['/healthz', '/readyz']) expect((await send(opsPort, path)).status).toBe(200);
  expect((await send(opsPort, '/metrics')).text).toContain('jobhive_queue_depth 0');
  const stream = await openStream(port);
  await waitFor('the first status', () => stream.events.length > 0);
  program.signal('SIGTERM');
  const from = performance.now();
  expect(await program.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - from).toBeLessThan(5000);
  expect([program.stdout().trim().split('\n').length, program.stderr()]).toEqual([1, '']);
  await waitFor('the end of the stream', () => stream.closed);
});

/** What /api/history tells, once it tells anything. */
async function historyAt(port: number): Promise<HistorySample[]> {
  return waitFor('a minute of the history', async () => {
    const { samples } = (await send(port, '/api/history')).json as { samples: HistorySample[] };
    return samples.length > 0 && samples;
  });
}

it(
  'keeps the history of the queue while it runs, and shows it again after a restart',
  { timeout: 180_000 },
  async () => {
    const { client } = system.database;
    await client.query('DELETE FROM history_minutes'); // of the dashboards before: a minute is written once
    await client.query(
      `INSERT INTO job_events (job_id, event, at, detail)
      VALUES (gen_random_uuid(), 'processed', clock_timestamp() - interval '2 min', '{"duration_ms": 1234}')`,
    );
    const first = await runDashboardProgram(system.env);
    const kept = await historyAt(first.port);
    expect(kept[0]).toMatchObject({ rate_per_minute: 1, failures: 0, depth: null, execution_ms: { p50: 1234 } });
    expect(kept.at(-1)?.depth).toBe(0); // the minute that it saw end itself
    expect(await first.program.stop()).toEqual({ code: 0, signal: null });
    await client.query(`DELETE FROM job_events WHERE event = 'processed'`); // nothing is left of which the minute could be made again
    const second = await runDashboardProgram(system.env);
    expect((await historyAt(second.port)).slice(0, kept.length)).toEqual(kept);
    expect(await second.program.stop()).toEqual({ code: 0, signal: null });
  },
);

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
