// A deploy is no death: what a worker holds at its end, has asked for, or may have won without knowing it, is given back. Claims
// that were answered after the grace, or whose answer was lost just before the end, had cost their jobs an attempt.
import { randomUUID } from 'node:crypto';
import type { TrackingRepository } from '@jobhive/db';
import { tcpProxy, waitFor, type Proxy } from '@jobhive/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { leaveRest } from '../src/leave.ts';
import { failureOfAbort } from '../src/threads/stage-failure.ts';
import { createStagePool, type StagePool } from '../src/threads/pool.ts';
import { pipelineFile } from './pipeline-file.ts';
import { through, workerBench, type RunStage, type WorkerBench } from './worker-bench.ts';

let bench: WorkerBench;
beforeAll(async () => {
  bench = await workerBench({ RQ_RETRY_DELAYS: '0', SHUTDOWN_GRACE: '0', WORKER_LEASE: '4' });
});
afterAll(() => bench.close());

/** What a worker behind this address of Redis leaves, with `inHand` claims in its hands; what was told of lost claims. */
async function leave(
  redisUrl: string,
  inHand: number,
  before: (isReady: () => boolean) => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  const parts = bench.parts({ env: { REDIS_URL: redisUrl }, name: randomUUID() });
  const worker = bench.assembledOf(parts);
  const holder = { ...worker.holder(), leaseMs: 600_000 }; // else the tests below, which take longer, are given these jobs
  for (const jobId of await bench.enqueue(inHand)) {
    const [won] = await bench.open.repository.claim([{ jobId, token: worker.hands.ask(jobId) }], holder);
    if (won?.verdict === 'won') worker.hands.hold(won.claim, { beganMs: 0, askedAtMs: 0, trustUntilMs: Infinity });
  }
  await parts.open.redis.ready(5000);
  await before(() => parts.open.redis.isReady);
  const told = bench.log.count('worker.claims_lost');
  await leaveRest(worker, parts.open, parts.log);
  await worker.loop.stop();
  return bench.log.count('worker.claims_lost') - told;
}

test('what is in hand at the end is left in Redis', async () => {
  expect(await leave(bench.redis.url, 2)).toBe(0);
  expect(await bench.redis.client.zcard(bench.open.keys.left)).toBe(2);
});

test('with Redis away too, or silent, the claims are lost, within a bound and told; with nothing in hand there is nothing to tell', async () => {
  const left = await bench.redis.client.zcard(bench.open.keys.left);
  const proxy = await tcpProxy(bench.redis.port);
  const url = through(bench.redis.url, proxy.port);
  const gone = async (isReady: () => boolean): Promise<void> => {
    await proxy.refuse(true);
    proxy.cut();
    await waitFor('Redis to be away', () => !isReady());
  };
  expect(await leave(url, 1, gone)).toBe(1);
  await proxy.heal();
  expect(await leave(url, 0, gone)).toBe(0);
  await proxy.heal();
  const from = performance.now();
  expect(await leave(url, 1, () => Promise.resolve(proxy.blackhole(true)))).toBe(1);
  expect(performance.now() - from).toBeLessThan(5000);
  expect(await bench.redis.client.zcard(bench.open.keys.left)).toBe(left);
  await proxy.close();
});

const away = (): Error => Object.assign(new Error('connection terminated'), { code: 'ECONNRESET' });
const postgresProxy = (): Promise<Proxy> => tcpProxy(Number(new URL(bench.database.url).port));
const untilAborted: RunStage = (task) =>
  new Promise((_, reject) => {
    task.signal.addEventListener('abort', () => {
      reject(failureOfAbort(task.stage));
    });
  });

/** Another worker does the job, once the lease that was left on it has run out; no attempt was spent before. */
async function doneByAnother(jobId: string): Promise<void> {
  const { client } = bench.database;
  const left = await client.query<{ token: string | null }>(
    `SELECT claim_token AS token FROM application_tracking WHERE job_id = $1`,
    [jobId],
  );
  const next = bench.run();
  await waitFor(
    'the job to be processed',
    async () => {
      await client.query(
        `UPDATE application_tracking SET lease_until = clock_timestamp() - interval '1 ms'
          WHERE job_id = $1 AND claim_token = $2 AND status = 'processing'`,
        [jobId, left.rows[0]?.token],
      );
      return (await bench.status(jobId)) === 'processed';
    },
    { timeoutMs: 20_000, intervalMs: 200 },
  );
  await next.stop();
  expect((await bench.open.repository.findJob(jobId))?.row.attempt).toBe(1);
  expect(await bench.events(jobId)).not.toContain('worker_lost');
}

/** Threads as the worker has them, running a stage that goes on until it is stopped. */
function realPool(onStop: () => void): StagePool {
  const pipelineModule = pipelineFile(`[{ name: 'only', run: ({ signal }) => new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  }) }]`);
  const { outputDir } = bench.parts();
  const pool = createStagePool({ pipelineModule, outputDir, maxThreads: 1, log: bench.logger });
  return {
    run: (task) => pool.run(task),
    stop: () => {
      onStop();
      return pool.stop();
    },
  };
}

test.each([
  ['just after the grace', 'stopping'],
  ['when the threads are ended', 'threads ended'],
] as const)('a claim that is answered %s is given back, its attempt unspent', async (_, when) => {
  let answer: (() => void) | undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  let won = false;
  const claim = (real: TrackingRepository): TrackingRepository['claim'] => {
    return async (...args) => {
      const given = await real.claim(...args);
      won = given.some(({ verdict }) => verdict === 'won');
      if (won) await answered;
      return given;
    };
  };
  const pool = realPool(() => answer?.());
  const worker = bench.runParts({ ...bench.parts({ faults: (real) => ({ claim: claim(real) }) }), pool });
  const [id = ''] = await bench.enqueue(1);
  await waitFor('the claim', () => won);
  const stopped = worker.stop();
  if (when === 'stopping') setTimeout(() => answer?.(), 200); // so slow is the claim
  await stopped;
  expect(await bench.events(id)).not.toContain('retry_scheduled');
  await doneByAnother(id);
});

test('a claim whose answer is lost just before the end is given back at once', async () => {
  let lost = false;
  const worker = bench.run({
    faults: (real) => ({
      claim: async (...args: Parameters<TrackingRepository['claim']>) => {
        const given = await real.claim(...args);
        lost = given.some(({ verdict }) => verdict === 'won');
        if (lost) throw away();
        return given;
      },
      // Else the next tick finds the orphan.
      tick: (...args: Parameters<TrackingRepository['tick']>) => (lost ? Promise.reject(away()) : real.tick(...args)),
    }),
  });
  const [id = ''] = await bench.enqueue(1);
  await waitFor('the answer to be lost', () => lost);
  await worker.stop();
  expect([await bench.status(id), (await bench.events(id)).at(-1)]).toEqual(['queued', 'given_back']);
  expect(await bench.redis.client.lrange(bench.open.keys.waiting, 0, -1)).toEqual([id]);
  await doneByAnother(id);
});

test('work that is done is settled within the grace, however long Postgres keeps the settle waiting', async () => {
  let tried = 0;
  const worker = bench.run({
    env: { SHUTDOWN_GRACE: '30' },
    faults: (real) => ({
      settle: (...args: Parameters<TrackingRepository['settle']>) => {
        tried += 1;
        return tried <= 7 ? Promise.reject(away()) : real.settle(...args); // three seconds of asking again
      },
    }),
  });
  const [id = ''] = await bench.enqueue(1);
  await waitFor('a settle that fails', () => tried > 0);
  await worker.stop();
  expect([await bench.status(id), (await bench.events(id)).at(-1)]).toEqual(['processed', 'processed']);
});

test('work that was ended because its lease was past trust is given back at the end, where it is ours still', async () => {
  let isAway = false;
  const worker = bench.run({
    stage: untilAborted,
    faults: (real) => ({
      tick: (...args: Parameters<TrackingRepository['tick']>) => (isAway ? Promise.reject(away()) : real.tick(...args)),
    }),
  });
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processing');
  const before = bench.log.count('job.stale');
  isAway = true;
  await waitFor('the work to be ended', () => bench.log.count('job.stale') > before, { timeoutMs: 10_000 });
  await worker.stop();
  expect([await bench.status(id), (await bench.events(id)).at(-1)]).toEqual(['queued', 'given_back']);
  await doneByAnother(id);
});

test('a claim whose answer is lost because Postgres goes, for longer than the worker, is left in Redis', async () => {
  const proxy = await postgresProxy();
  let lost = false;
  const worker = bench.run({
    env: { DATABASE_URL: through(bench.database.url, proxy.port) },
    faults: (real) => ({
      claim: async (...args: Parameters<TrackingRepository['claim']>) => {
        const given = await real.claim(...args);
        if (given.every(({ verdict }) => verdict !== 'won')) return given;
        await proxy.refuse(true);
        proxy.cut();
        lost = true;
        throw away();
      },
    }),
  });
  const [id = ''] = await bench.enqueue(1);
  await waitFor('the answer to be lost', () => lost);
  await worker.stop();
  expect(await bench.status(id)).toBe('processing');
  await doneByAnother(id);
  await proxy.close();
});

test('with a Postgres that swallows everything the end comes in time: a tick under way is not waited for', async () => {
  const proxy = await postgresProxy();
  let askedMs = Infinity;
  const asking = <T>(question: Promise<T>): Promise<T> => {
    askedMs = performance.now();
    return question.finally(() => (askedMs = Infinity));
  };
  const worker = bench.run({
    env: { DATABASE_URL: through(bench.database.url, proxy.port) },
    stage: untilAborted,
    faults: (real) => ({
      tick: (...args: Parameters<TrackingRepository['tick']>) => asking(real.tick(...args)),
      extendLeasesAfterOutage: (leaseMs: number) => asking(real.extendLeasesAfterOutage(leaseMs)), // before a first tick
    }),
  });
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processing');
  proxy.blackhole(true);
  await waitFor('a tick to be swallowed', () => performance.now() - askedMs > 500);
  const stopMs = performance.now();
  await worker.stop();
  expect(performance.now() - stopMs).toBeLessThan(4000); // the last second belongs to the stores, in main.ts
  await proxy.close();
  await doneByAnother(id);
});
