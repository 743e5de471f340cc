// Which command can do without which store, and that none waits longer than 15 s for one that is away or never answers.
/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access --
   the documents of the program under test come as they are: their shape is what is tested here */
import { tcpProxy, type Proxy } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSystem, type System } from './system.ts';

let system: System;
let silent: Proxy;
beforeAll(async () => {
  system = await startSystem();
  silent = await tcpProxy(system.redis.port);
  silent.blackhole(true);
});
afterAll(async () => {
  await silent.close();
  await system.stop();
});

const NOWHERE = { REDIS_URL: 'redis://127.0.0.1:1' };
const NO_POSTGRES = { DATABASE_URL: 'postgres://postgres@127.0.0.1:1/none' };

async function within15s<T>(work: Promise<T>): Promise<T> {
  const from = performance.now();
  const result = await work;
  expect(performance.now() - from).toBeLessThan(15_000);
  return result;
}

describe('with Redis away', () => {
  it('status answers and says so', async () => {
    const { code, json } = await within15s(system.run(['status', '--json'], NOWHERE));
    expect(code).toBe(0);
    expect(json).toMatchObject({ redis: { ok: false }, workers: { active: null, list: [] }, postgres: { ok: true } });
  });

  it('enqueue and retry are recorded, and say that they are not dispatched', async () => {
    const [id = ''] = await system.discover(1);
    const { code, json } = await within15s(system.run(['enqueue', id, '--json'], NOWHERE));
    expect([code, json[0].dispatched, json[0].queue_position]).toEqual([0, false, null]);
    const why = await within15s(system.run(['why', id, '--json'], NOWHERE));
    expect(why.json.cause).toMatch(/^Redis is away/);
    expect(why.json.waits).toMatchObject([{ for: 'redis', to: null }]);
    const retry = await within15s(system.run(['retry', '--all', '--json'], NOWHERE));
    expect([retry.code, retry.json.retried]).toEqual([0, 0]);
  });

  it.each([['workers'], ['pause'], ['resume'], ['clear', '--confirm'], ['rebuild']])(
    '%s ends with 1 and changes nothing',
    async (...words) => {
      const before = (await system.ask('status')).json.counts;
      const { code, stdout, error } = await within15s(system.run([...words, '--json'], NOWHERE));
      expect([code, stdout, error?.message]).toEqual([1, '', expect.stringMatching(/^Redis at 127.0.0.1:1/)]);
      const after = (await system.ask('status')).json;
      expect([after.counts, after.paused]).toEqual([before, false]);
    },
  );

  it('a Redis that takes the connection and never answers is away too', async () => {
    const env = { REDIS_URL: `redis://127.0.0.1:${String(silent.port)}` };
    expect((await within15s(system.run(['status', '--json'], env))).json.redis.ok).toBe(false);
    expect((await within15s(system.run(['workers', '--json'], env))).code).toBe(1);
  });
});

describe('with Postgres away', () => {
  it.each([['status'], ['workers'], ['jobs'], ['failed'], ['migrate'], ['enqueue', '--discovered'], ['pause']])(
    '%s ends with 1',
    async (...words) => {
      const { code, stdout, error } = await within15s(system.run(words, NO_POSTGRES));
      expect([code, stdout, error?.message]).toEqual([
        1,
        '',
        expect.stringMatching(/^Postgres at 127.0.0.1:1\/none is away/),
      ]);
    },
  );

  it('one that takes the connection and never answers is away too', async () => {
    const env = { DATABASE_URL: `postgres://postgres@127.0.0.1:${String(silent.port)}/none` };
    expect((await within15s(system.run(['status'], env))).code).toBe(1);
    expect((await within15s(system.run(['migrate'], env))).code).toBe(1);
  });

  it('the doctor answers all the same', async () => {
    const { code, json } = await within15s(system.run(['doctor', '--json'], { ...NO_POSTGRES, ...NOWHERE }));
    const mends = json.findings.filter((finding: { severity: string }) => finding.severity === 'mend');
    expect([code, mends.map((finding: { check: string }) => finding.check)]).toEqual([
      1,
      ['postgres.reachable', 'redis.reachable'],
    ]);
  });
});
