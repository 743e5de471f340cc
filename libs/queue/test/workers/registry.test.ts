// Who lives, and with what.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WorkerNameTakenError } from '../../src/errors.ts';
import { leaveClaims, leftClaims } from '../../src/workers/left-claims.ts';
import { listWorkers, registerWorker, type Registration, type WorkerReport } from '../../src/workers/registry.ts';
import { signalLook } from '../../src/workers/signals.ts';
import { openRedisSide, type RedisSide } from '../stores.ts';

let side: RedisSide;
beforeAll(async () => {
  side = await openRedisSide();
});
beforeEach(() => side.redis.clean());
afterAll(() => side.stop());

const report = (over: Partial<WorkerReport> = {}): WorkerReport => ({
  host: 'a host',
  pid: 7,
  since: '2026-01-01T00:00:00.000Z',
  job_id: null,
  stage: null,
  progress: null,
  processed: 0,
  failed: 0,
  slots: 2,
  in_hand: 0,
  mean_ms: 3.5,
  ...over,
});
const register = (name: string, holder: string): Promise<Registration> =>
  registerWorker(side.store, side.keys, { name, holder }, report());

describe('the registry of workers', () => {
  it('tells who lives, with what each told last', async () => {
    const a = await register('name with blanks', 'h1');
    await register('another', 'h2');
    expect(await a.beat(report({ job_id: 'j1', stage: 'match', progress: { fraction: 0.5, text: 'half' } }))).toBe(
      true,
    );
    const workers = await listWorkers(side.store, side.keys);
    expect(workers).toMatchObject([
      { name: 'another', slots: 2, meanMs: 3.5, job_id: null },
      { name: 'name with blanks', host: 'a host', pid: 7, job_id: 'j1', stage: 'match', progress: { fraction: 0.5 } },
    ]);
    expect(workers.every((worker) => worker.ageMs < 60_000)).toBe(true);
    const beatAtMs = Date.parse(workers[0]?.last_heartbeat ?? '');
    expect(Math.abs((await side.store.timeMs()) - beatAtMs)).toBeLessThan(60_000);
  });

  it('refuses a second worker of a name whose beat moves, within three seconds', async () => {
    const first = await register('w', 'h1');
    const beating = setInterval(() => void first.beat(report()), 50);
    const from = performance.now();
    const second = register('w', 'h2');
    await expect(second).rejects.toBeInstanceOf(WorkerNameTakenError);
    await expect(second).rejects.toThrow('a worker named w is alive');
    clearInterval(beating);
    expect(performance.now() - from).toBeLessThan(3000);
  });

  it('gives the name of a dead worker to the next, and the dead one learns of it should it live on', async () => {
    const dead = await register('w', 'h1');
    const heir = await register('w', 'h2');
    expect(await dead.beat(report())).toBe(false);
    expect(await heir.beat(report())).toBe(true);
    await dead.leave();
    expect(await listWorkers(side.store, side.keys)).toHaveLength(1);
    await heir.leave();
    expect(await listWorkers(side.store, side.keys)).toEqual([]);
  });

  it('gives a name back at once that was left in good order, and to its own holder', async () => {
    const first = await register('w', 'h1');
    await register('w', 'h1');
    await first.leave();
    const from = performance.now();
    await register('w', 'h2');
    expect(performance.now() - from).toBeLessThan(2000);
  });

  it('ends the waiting for a name by its signal', async () => {
    await register('w', 'h1');
    const abort = new AbortController();
    const waiting = registerWorker(side.store, side.keys, { name: 'w', holder: 'h2' }, report(), abort.signal);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('forgets a worker a day after its last beat, when the next one registers', async () => {
    const nowMs = Math.floor(await side.store.timeMs());
    const field = (ageMs: number): string => `h0 ${String(nowMs - ageMs)} ${JSON.stringify(report())}`;
    await side.redis.client.hset(
      side.keys.workers,
      'old',
      field(24 * 3600 * 1000 + 60_000),
      'young',
      field(3600_000),
      'odd',
      'x',
    );
    await register('w', 'h1');
    const workers = await listWorkers(side.store, side.keys);
    expect(workers.map((worker) => worker.name)).toEqual(['w', 'young']);
    expect(workers[1]?.ageMs).toBeGreaterThanOrEqual(3600_000);
  });
});

describe('claims that a worker left behind', () => {
  it('are kept for a day', async () => {
    await leaveClaims(side.store, side.keys, []);
    expect(await leftClaims(side.store, side.keys)).toEqual([]);
    await leaveClaims(side.store, side.keys, ['t1', 't2']);
    await leaveClaims(side.store, side.keys, ['t3']);
    expect((await leftClaims(side.store, side.keys))?.sort()).toEqual(['t1', 't2', 't3']);
    const ttl = await side.redis.client.ttl(side.keys.left);
    expect(ttl).toBeGreaterThan(86_000);
    expect(ttl).toBeLessThanOrEqual(86_400);
  });

  it('are the newest 10,000', async () => {
    const tokens = Array.from({ length: 10_500 }, (_, i) => `t${String(i)}`);
    await leaveClaims(side.store, side.keys, tokens);
    expect(await leftClaims(side.store, side.keys)).toHaveLength(10_000);
  });
});

describe('with Redis away', () => {
  it('nobody can tell what was left, and a word to look is not said', async () => {
    await side.redis.server.stop();
    await waitFor('the store to notice', () => !side.store.isReady);
    expect(await leftClaims(side.store, side.keys)).toBeUndefined();
    await signalLook(side.store, side.keys);
    await expect(leaveClaims(side.store, side.keys, ['t1'])).rejects.toThrow('is away');
    await side.redis.server.restart();
    await side.store.ready(5000);
  });
});
