/**
 * Many jobs through one worker: what the worker and Redis hold does not grow with the number of jobs that went through. The
 * first half is warm-up: V8 collects what has grown old in a stage thread only after some 7,000 stages, 70,000 jobs of ten threads.
 */
import { readFile } from 'node:fs/promises';
import { HEAP_OPTIONS, heapInUse, waitFor } from '@jobhive/test-kit';
import { waitForAgreement } from '../agreement.ts';
import type { Bench } from '../bench.ts';
import type { Figure, Proof } from '../proof.ts';
import { processed } from '../rate.ts';

const SAMPLES = 20;
const AHEAD = 2_500;
/** So that each of the ten threads is at work from the start: one that is opened later would be taken for growth. */
const STAGE_MS = '15';

export const memory: Proof = {
  name: 'memory',
  title: '100,000 jobs through one worker, after as many to warm it up',
  options: {},
  run: async ({ bench, short, say }) => {
    const jobs = short ? 20_000 : 200_000;
    const worker = await bench.worker('only', ['--concurrency', '10'], { NODE_OPTIONS: HEAP_OPTIONS, STAGE_MS });
    const started = performance.now();
    const rss: number[] = [];
    const heap: number[] = [];
    const redis: number[] = [];
    let sent = 0;
    for (let sample = 1; sample <= SAMPLES; sample += 1) {
      const target = (jobs * sample) / SAMPLES;
      while (sent < target) {
        await bench.enqueue(AHEAD / 2);
        sent += AHEAD / 2;
        await waitFor('the line is short', async () => (await processed(bench)) >= sent - AHEAD, { timeoutMs: 60_000 });
      }
      await waitFor('all are processed', async () => (await processed(bench)) >= sent, { timeoutMs: 60_000 });
      heap.push((await heapInUse(worker)) / 1024 ** 2);
      rss.push(await rssMb(worker.pid));
      redis.push(await redisMb(bench));
      say(
        `${String(sent)} jobs: worker ${(rss.at(-1) ?? 0).toFixed(0)} MB, its heap ${(heap.at(-1) ?? 0).toFixed(1)} MB, Redis ${(redis.at(-1) ?? 0).toFixed(1)} MB`,
      );
    }
    const seconds = (performance.now() - started) / 1000;
    await worker.stop(40_000);
    await waitForAgreement(bench);
    return [
      { name: 'jobs', value: sent, unit: '' },
      { name: 'rate', value: sent / seconds, unit: 'jobs/s' },
      ...growth('worker', rss, 25),
      ...growth('heap in use', heap, 2),
      ...growth('Redis', redis, 2),
    ];
  },
};

/** The most of each half. */
function growth(name: string, samplesMb: readonly number[], mostMb: number): readonly Figure[] {
  const half = samplesMb.length / 2;
  const [warm, after] = [Math.max(...samplesMb.slice(0, half)), Math.max(...samplesMb.slice(half))];
  return [
    { name: `${name}: in the first half`, value: warm, unit: 'MB' },
    { name: `${name}: in the second`, value: after, unit: 'MB' },
    { name: `${name}: grown by`, value: after - warm, unit: 'MB', most: mostMb },
  ];
}

async function rssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

async function redisMb({ redis }: Bench): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.client.info('memory'))?.[1]) / 1024 ** 2;
}
