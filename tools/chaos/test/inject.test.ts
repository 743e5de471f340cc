import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Injected } from '../src/evidence.ts';
import { injectAll } from '../src/inject.ts';
import { makePlan } from '../src/plan.ts';
import type { World } from '../src/world.ts';

const OPTIONS = { seed: 1, jobs: 200, workers: 2, minutes: 0.01, density: 1, calls: 0, allKinds: false };

async function injected(kind: string, worker: unknown): Promise<Injected[]> {
  const done: Injected[] = [];
  const plan = makePlan({ ...OPTIONS, only: [kind] });
  const world = { plan, fleet: { places: 2, worker: () => worker } } as unknown as World; // no more of it is asked for
  await injectAll(world, Date.now(), () => ({ processing: 0, waiting: 0 }), new AbortController().signal, done);
  return done;
}

test.each(['worker-kill', 'worker-freeze', 'loop-block'])('a %s that meets no process is not counted', async (kind) => {
  expect(await injected(kind, undefined)).toEqual([]);
});

test('a kill that comes too late is not counted, one that is met is', async () => {
  expect(await injected('worker-kill', { kill: () => false })).toEqual([]);
  expect((await injected('worker-kill', { kill: () => true })).length).toBeGreaterThan(0);
});

test('a loop-block leaves alone whoever has not written a line yet: Node does not listen by then, and the signal would end it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'jobhive-inject-'));
  const young = spawn('sleep', ['60'], { stdio: 'ignore' });
  const ended = once(young, 'exit');
  try {
    const logFile = join(folder, 'young.log');
    await writeFile(logFile, '');
    expect(await injected('loop-block', { pid: young.pid, logFile })).toEqual([]);
  } finally {
    young.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
  expect(await ended).toEqual([null, 'SIGKILL']);
});
