// Answers that are lost and stores that go in the middle of an attempt: each fault is put where it hurts, all else is real.
import type { TrackingRepository } from '@jobhive/db';
import { tcpProxy, waitFor, type Proxy } from '@jobhive/test-kit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitForBurst } from '../src/burst.ts';
import { createHands } from '../src/hands.ts';
import { StageFailure } from '../src/threads/stage-failure.ts';
import { nothing, through, workerBench, type WorkerBench } from './worker-bench.ts';

let bench: WorkerBench;
let redisProxy: Proxy;
let worker: ReturnType<WorkerBench['run']> | undefined;
beforeAll(async () => {
  bench = await workerBench({ RQ_RETRY_DELAYS: '0', RQ_MAX_RETRIES: '0' });
  redisProxy = await tcpProxy(bench.redis.port);
});
afterEach(async () => {
  await redisProxy.heal();
  await worker?.stop();
  worker = undefined;
});
afterAll(async () => {
  await bench.close();
  await redisProxy.close();
});

const away = (): Error => Object.assign(new Error('connection terminated'), { code: 'ECONNRESET' });
const busy = (): Error => Object.assign(new Error('lock timeout'), { code: '55P03' });

/** Does it, and says that it failed; the first time only. */
function losesItsAnswer<Args extends unknown[], Answer>(
  write: (...args: Args) => Promise<Answer>,
): (...args: Args) => Promise<Answer> {
  let lost = false;
  return async (...args) => {
    const answer = await write(...args);
    if (lost) return answer;
    lost = true;
    throw away();
  };
}

/** Fails before it does anything; the first time only. */
function failsOnce<Args extends unknown[], Answer>(
  write: (...args: Args) => Promise<Answer>,
  failure: () => Error | Promise<Error>,
): (...args: Args) => Promise<Answer> {
  let failed = false;
  return async (...args) => {
    if (failed) return write(...args);
    failed = true;
    throw await failure();
  };
}

async function cutRedis(isReady: () => boolean): Promise<void> {
  await redisProxy.refuse(true);
  redisProxy.cut();
  await waitFor('Redis to be away', () => !isReady());
}

const attemptOf = async (id: string): Promise<number | undefined> =>
  (await bench.open.repository.findJob(id))?.row.attempt;

test('the answers to a checkpoint and to a settle are lost: asked again under the token, each is done once', async () => {
  worker = bench.run({
    stages: ['first', 'second'],
    faults: (real) => ({ checkpoint: losesItsAnswer(real.checkpoint), settle: losesItsAnswer(real.settle) }),
  });
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processed');
  await waitFor('the settle to be known', () => bench.log.count('job.processed') === 1);
  expect(bench.log.count('job.write_repeated')).toBe(2);
  expect(await bench.events(id)).toEqual([
    'discovered',
    'queued',
    'claimed',
    'stage_finished',
    'stage_finished',
    'processed',
  ]);
});

test('a claim that was taken over between two stages ends there: the second stage never runs', async () => {
  const ran: string[] = [];
  worker = bench.run({
    stages: ['first', 'second'],
    stage: async (task) => {
      ran.push(task.stage);
      await bench.takeOver(task.job.id);
      return nothing;
    },
  });
  const [id = ''] = await bench.enqueue(1);
  await waitFor('the refused write is on record', async () => (await bench.events(id)).includes('stale_write_refused'));
  expect(ran).toEqual(['first']);
  expect((await bench.open.repository.findJob(id))?.stageOutputs).toEqual({});
});

test.each([
  ['Postgres is away', away],
  ['Postgres is busy', busy],
])(
  '%s at the claim: the job goes back to its place, and is claimed later with no attempt spent',
  async (_, failure) => {
    worker = bench.run({ faults: (real) => ({ claim: failsOnce(real.claim, failure) }) });
    const repeated = bench.log.count('job.write_repeated');
    const [id = ''] = await bench.enqueue(1);
    await bench.until(id, 'processed');
    expect(bench.log.count('job.write_repeated')).toBe(repeated + 1);
    expect(await attemptOf(id)).toBe(1);
  },
);

test('both stores away at the claim: the reconciler brings the job back', async () => {
  const given = bench.parts({
    env: { REDIS_URL: through(bench.redis.url, redisProxy.port) },
    faults: (real) => ({
      claim: failsOnce(real.claim, async () => {
        await cutRedis(() => given.open.redis.isReady);
        return away();
      }),
    }),
  });
  worker = bench.runParts(given);
  const [id = ''] = await bench.enqueue(1);
  await waitFor('the entry could not be put back', () => bench.log.has('queue.delivery_failed'));
  expect(await bench.redis.client.lrange(bench.open.keys.active, 0, -1)).toContain(id);
  await redisProxy.heal();
  await bench.until(id, 'processed');
  expect(await attemptOf(id)).toBe(1);
});

test('Redis away at the settle of a dead letter: it is on record, and in failed_jobs once Redis is back', async () => {
  const given = bench.parts({
    env: { REDIS_URL: through(bench.redis.url, redisProxy.port) },
    stage: async () => {
      await cutRedis(() => given.open.redis.isReady);
      throw new StageFailure({ name: 'PermanentError', message: 'never', reason: 'error', permanent: true });
    },
  });
  worker = bench.runParts(given);
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'failed');
  await waitFor('the entry is not acknowledged', () => bench.log.has('job.acknowledge_failed'));
  await redisProxy.heal();
  await waitFor(
    'it is in failed_jobs',
    async () => (await bench.redis.client.zscore(bench.open.keys.failed, id)) !== null,
    { timeoutMs: 15_000 },
  );
});

test('a stage that throws no error, and one that tells how far it is', async () => {
  worker = bench.run({
    stage: (task) => {
      task.onProgress(0.5, 'half');
      // Whatever a pool rejects with is caught as unknown.
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw 'a text';
    },
  });
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'failed');
  expect((await bench.open.repository.findJob(id))?.errorInfo).toMatchObject({ name: 'Error', message: 'a text' });
  expect(bench.log.has('job.progress')).toBe(true);
});

test('an outcome that Postgres refuses again and again is no end of the worker', async () => {
  const refused = Object.assign(new Error('invalid byte sequence'), { code: '22021' });
  let refusals = 0;
  worker = bench.run({
    stage: () => {
      throw new StageFailure({ name: 'PermanentError', message: 'never', reason: 'error', permanent: true });
    },
    faults: (real) => ({
      settle: (asks: Parameters<TrackingRepository['settle']>[0]) =>
        (refusals += 1) === 1 ? Promise.reject(refused) : real.settle(asks),
    }),
  });
  const [first = '', second = ''] = await bench.enqueue(2);
  await bench.until(second, 'failed');
  // The first was let go of: it is an orphan now, and is given back by the next tick.
  await bench.until(first, 'failed');
  expect(await bench.events(first)).toContain('given_back');
});

test('behind a pooler in transaction mode a worker holds no session lock, and works', async () => {
  const url = new URL(bench.database.url);
  url.searchParams.set('pgbouncer', 'true');
  const given = bench.parts({ env: { DATABASE_URL: url.href } });
  worker = bench.runParts(given);
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processed');
  await waitFor('no session lock but those of workers before, whose connections end', async () => {
    const { rows } = await bench.database.client.query<{ locks: number }>(
      `SELECT count(*)::int AS locks FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    return rows[0]?.locks === 0;
  });
});

test('a burst waits for what is in hand, and outlives a look that fails', async () => {
  const { redis: store, keys, repository } = bench.open;
  let seenInHand = 0;
  let looks = 0;
  const hands = {
    ...createHands(),
    get count() {
      return (seenInHand += 1) > 2 ? 0 : 1;
    },
  };
  const failing: TrackingRepository = {
    ...repository,
    waitingPage: (...args) => ((looks += 1) === 1 ? Promise.reject(away()) : repository.waitingPage(...args)),
  };
  const burst = { hands, background: { size: 0 }, store, keys, repository: failing, isPaused: () => false };
  await waitForBurst(burst, new AbortController().signal);
  expect([seenInHand > 3, looks]).toEqual([true, 2]);
});

test('a burst that is stopped ends in order', async () => {
  let begun = false;
  const burst = bench.run({
    burst: true,
    env: { SHUTDOWN_GRACE: '0' },
    stage: (task) =>
      new Promise((_, reject) => {
        begun = true;
        task.signal.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
      }),
  });
  const [id = ''] = await bench.enqueue(1);
  await waitFor('the stage', () => begun);
  await burst.stop();
  expect(await bench.status(id)).toBe('queued');
});
