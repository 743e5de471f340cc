// A thousand readers of /api/events at one dashboard, the program itself: what they see, and what they cost it, its stores, and
// those who ask and write beside them. One that takes nothing is in events.test.ts. As measured on a busy machine of two cores: an
// answer beside them in 15 ms, the slowest of 240 in 300 ms; 10 kB of the heap a reader.
import { HEAP_OPTIONS, heapInUse, waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSystem, type System } from '../../system.ts';
import { send, type Sending } from '../bench.ts';
import { runDashboardProgram, type RunningDashboard } from '../running.ts';
import { looksAt, openStream, shows, type Stream } from './streams.ts';

const READERS = 1000;
/** Of which everybody is told while others ask. */
const CHANGES = 10;
const MEANWHILE_MS_MAX = 20_000;
const READER_BYTES_MAX = 64 * 1024;
const GROWTH_BYTES_MAX = 3 * 1024 * 1024;

let system: System;
let dashboard: RunningDashboard;
let heapAlone: number;
let streams: Stream[] = [];
beforeAll(async () => {
  system = await startSystem();
  dashboard = await runDashboardProgram({ ...system.env, NODE_OPTIONS: HEAP_OPTIONS });
  heapAlone = await heapInUse(dashboard.program);
  streams = await Promise.all(Array.from({ length: READERS }, () => openStream(dashboard.port)));
  await waitFor('the first status of all', () => streams.every(({ events }) => events.length > 0), {
    timeoutMs: 30_000,
    intervalMs: 100,
  });
}, 120_000);
afterAll(async () => {
  streams.forEach((stream) => stream.close());
  await dashboard?.program.stop();
  await system.stop();
});

/** Milliseconds until the answer, which has to be a 200. */
async function timed(path: string, sending?: Sending): Promise<number> {
  const from = performance.now();
  const { status, text } = await send(dashboard.port, path, sending);
  expect(status, text).toBe(200);
  return performance.now() - from;
}

/** How much the one was told who was told least. */
const told = (): number => Math.min(...streams.map(({ events }) => events.length));

/** Searches and enqueues, one after the other, until everybody was told of CHANGES. @returns what each took, shortest first */
async function askMeanwhile(): Promise<number[]> {
  const [enough, lastMs] = [told() + CHANGES, performance.now() + MEANWHILE_MS_MAX];
  const tookMs: number[] = [];
  while (told() < enough && performance.now() < lastMs) {
    const [id = ''] = await system.discover(1);
    tookMs.push(await timed('/api/jobs'));
    tookMs.push(await timed(`/api/jobs/${id}/enqueue`, { method: 'POST', body: {} }));
  }
  return tookMs.sort((a, b) => a - b);
}

it('a thousand readers all see a change, and are looked for once', async () => {
  const before = await looksAt(system.redis);
  const from = performance.now();
  await system.discover(1);
  await waitFor('the change at all', () => streams.every((stream) => shows(stream, 1)), {
    timeoutMs: 15_000,
    intervalMs: 100,
  });
  const seconds = (performance.now() - from) / 1000;
  expect(((await looksAt(system.redis)) - before) / (seconds + 1)).toBeLessThan(4);
});

it(
  'nobody waits for them who searches and enqueues while they are told, and the dashboard does not grow',
  { timeout: 60_000 },
  async () => {
    const heapBefore = await heapInUse(dashboard.program);
    const toldBefore = told();
    const tookMs = await askMeanwhile();
    expect(tookMs[tookMs.length >> 1], 'the middle').toBeLessThan(200);
    expect(tookMs.at(-1), 'the slowest').toBeLessThan(1500);
    expect(told() - toldBefore).toBeGreaterThanOrEqual(CHANGES);
    expect(streams.filter(({ closed }) => closed)).toEqual([]);
    expect((heapBefore - heapAlone) / READERS).toBeLessThan(READER_BYTES_MAX);
    expect((await heapInUse(dashboard.program)) - heapBefore).toBeLessThan(GROWTH_BYTES_MAX);
  },
);
