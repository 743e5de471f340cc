import { randomUUID } from 'node:crypto';
import { RECONCILER_LEASE, type TrackingRepository } from '@jobhive/db';
import { waitFor } from '@jobhive/test-kit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { failureOfAbort, StageFailure } from '../src/threads/stage-failure.ts';
import { nothing, workerBench, type RunStage, type WorkerBench } from './worker-bench.ts';

let bench: WorkerBench;
let worker: ReturnType<WorkerBench['run']> | undefined;
beforeAll(async () => {
  bench = await workerBench({ RQ_RETRY_DELAYS: '0', RQ_MAX_RETRIES: '1', SHUTDOWN_GRACE: '1' });
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
});
afterAll(() => bench.close());

const failing =
  (facts: Partial<ConstructorParameters<typeof StageFailure>[0]>): RunStage =>
  () => {
    throw new StageFailure({ name: 'Error', message: 'broken', reason: 'error', ...facts });
  };
/** Runs until its signal is aborted, as a stage that obeys. */
const untilAborted: RunStage = (task) =>
  new Promise((_, reject) => {
    task.signal.addEventListener('abort', () => {
      reject(failureOfAbort(task.stage));
    });
  });

/** Nobody here is the reconciler, until it is left. */
async function leadElsewhere(): Promise<() => Promise<void>> {
  const { repository } = bench.open;
  const other = randomUUID();
  await waitFor('the lease', () => repository.takeLease(RECONCILER_LEASE, other, 60_000));
  return () => repository.leaveLease(RECONCILER_LEASE, other);
}

test('a job is claimed, run, settled and acknowledged, and Redis keeps nothing of it', async () => {
  worker = bench.run();
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processed');
  expect(await bench.events(id)).toEqual(['discovered', 'queued', 'claimed', 'stage_finished', 'processed']);
  const { client } = bench.redis;
  await waitFor('the entry is gone', async () => (await client.hlen(bench.open.keys.jobs)) === 0);
  expect(await client.zscore(bench.open.keys.finished, id)).not.toBeNull();
});

test('an error is retried after its delay, then buried with all attempts’ errors', async () => {
  worker = bench.run({ stage: failing({ name: 'TypeError' }) });
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'failed');
  expect(await bench.events(id)).toEqual(expect.arrayContaining(['retry_scheduled', 'failed']));
  const record = await bench.open.repository.findJob(id);
  expect(record?.errorInfo).toMatchObject({ name: 'TypeError', stage: 'only', attempt: 2, previous: [{ attempt: 1 }] });
  await waitFor(
    'it is in failed_jobs',
    async () => (await bench.redis.client.zscore(bench.open.keys.failed, id)) !== null,
  );
});

test('a permanent error goes to failed_jobs at once, by the worker that met it', async () => {
  const leave = await leadElsewhere(); // who leads would add it in any case
  worker = bench.run({ stage: failing({ name: 'PermanentError', permanent: true }) });
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'failed');
  expect((await bench.events(id)).filter((event) => event === 'claimed')).toHaveLength(1);
  await waitFor(
    'it is in failed_jobs',
    async () => (await bench.redis.client.zscore(bench.open.keys.failed, id)) !== null,
  );
  await leave();
});

test('a RetryAfterError waits and spends no attempt', async () => {
  let asked = 0;
  worker = bench.run({
    stage: (task) => ((asked += 1) < 3 ? failing({ retryAfterSeconds: 0.01 })(task) : nothing),
  });
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processed');
  expect((await bench.open.repository.findJob(id))?.row.attempt).toBe(1);
});

test('a cancel of a running job ends its stage, and it is cancelled', async () => {
  worker = bench.run({ stage: untilAborted });
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processing');
  expect((await bench.open.queue.cancel(id, 'test')).status).toBe('processing');
  await bench.until(id, 'cancelled', 10_000);
});

test('a shutdown gives back what does not end within the grace; the attempt is not spent and it stands in line again', async () => {
  worker = bench.run({ stage: untilAborted });
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processing');
  await worker.stop();
  expect(await bench.status(id)).toBe('queued');
  expect((await bench.open.repository.findJob(id))?.row.attempt).toBe(0);
  expect(await bench.redis.client.lrange(bench.open.keys.waiting, 0, -1)).toEqual([id]);
  await bench.open.queue.clear('test');
});

test('no room in OUTPUT_DIR gives the job back and stops the taking', async () => {
  worker = bench.run({ stage: failing({ code: 'no_space' }) });
  const [id = ''] = await bench.enqueue(1);
  await waitFor('it was given back', async () => (await bench.events(id)).includes('given_back'));
  await waitFor('the operator is told', () => bench.log.has('worker.output_full'));
  await worker.stop();
  expect((await bench.events(id)).filter((event) => event === 'claimed')).toHaveLength(1);
  await bench.open.queue.clear('test');
});

test('a worker that gets no thread gives the job back and stops taking: the attempt is not spent', async () => {
  worker = bench.run({ stage: failing({ code: 'no_thread' }) });
  const [id = ''] = await bench.enqueue(1);
  await waitFor('it was given back', async () => (await bench.events(id)).includes('given_back'));
  await worker.stop();
  expect((await bench.events(id)).filter((event) => event === 'claimed')).toHaveLength(1);
  expect((await bench.open.repository.findJob(id))?.row).toMatchObject({ status: 'queued', attempt: 0 });
  await bench.open.queue.clear('test');
});

test('a job whose entry a late acknowledgement took away is put in line again by whoever cannot claim it', async () => {
  const { redis, open } = bench;
  const leave = await leadElsewhere(); // who leads would put it there in any case
  let gone = false;
  worker = bench.run({
    faults: (real) => ({
      claim: async (...args: Parameters<TrackingRepository['claim']>) => {
        const ids = args[0].map(({ jobId }) => jobId);
        await open.repository.setPaused(true, 'test');
        for (const id of ids) await redis.client.multi().lrem(open.keys.active, 0, id).hdel(open.keys.jobs, id).exec();
        gone = true;
        return real.claim(...args);
      },
    }),
  });
  const [id = ''] = await bench.enqueue(1);
  await waitFor('its entry to be taken away', () => gone);
  await waitFor('it to be in line', async () => (await redis.client.lrange(open.keys.waiting, 0, -1)).includes(id));
  await worker.stop();
  await leave();
  await open.queue.resume('test');
  await open.queue.clear('test');
});

test('an output that Postgres refuses fails the job for good, not its batch', async () => {
  const refused = '{"n":1e400000}';
  const refusing = new Set<string>();
  worker = bench.run({
    stage: (task) => ({ ...nothing, outputJson: refusing.has(task.job.id) ? refused : 'null' }),
  });
  await bench.open.queue.pause('test');
  const [bad = '', good = ''] = await bench.enqueue(2);
  refusing.add(bad);
  await bench.open.queue.resume('test');
  await bench.until(good, 'processed');
  await bench.until(bad, 'failed');
  expect((await bench.open.repository.findJob(bad))?.errorInfo?.name).toBe('DataRefusedError');
});

test('a worker whose claim was taken over changes nothing, and says so', async () => {
  let taken = false;
  worker = bench.run({
    stage: async (task) => {
      if (taken) return nothing;
      taken = true;
      await bench.takeOver(task.job.id);
      return { ...nothing, outputJson: '"stolen"' };
    },
  });
  const [id = ''] = await bench.enqueue(1);
  await waitFor('the refused write is on record', async () => (await bench.events(id)).includes('stale_write_refused'));
  const record = await bench.open.repository.findJob(id);
  expect([record?.row.status, record?.workerName, record?.stageOutputs]).toEqual(['processing', 'other', {}]);
});

test('a claim that Postgres answered and then forgot with a crash is put back by its worker, at once', async () => {
  let forgotten = false;
  worker = bench.run({
    stage: async (task) => {
      if (!forgotten) await bench.forgetClaim(task.job.id);
      forgotten = true;
      return nothing;
    },
    // It never compares the stores: nobody else would put it back.
    faults: (real) => ({
      tick: async (...args: Parameters<TrackingRepository['tick']>) => ({
        ...(await real.tick(...args)),
        leads: false,
      }),
    }),
  });
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processed');
  const told = (await bench.events(id)).filter((event) => event !== 'dispatched'); // the claim may be faster than that
  expect(told.slice(2)).toEqual(['stale_write_refused', 'claimed', 'stage_finished', 'processed']);
  await waitFor('the repair to be told', () => bench.log.has('reconciler.repaired'));
});

test('a claim whose answer comes past its trust is not worked on: the lease may be over', async () => {
  const ended: boolean[] = [];
  worker = bench.run({
    env: { WORKER_LEASE: '3' }, // trusted for half of it
    stage: (task) => {
      ended.push(task.signal.aborted);
      if (task.signal.aborted) throw failureOfAbort(task.stage);
      return nothing;
    },
    faults: (real) => ({
      claim: async (...args: Parameters<TrackingRepository['claim']>) => {
        const fromMs = performance.now();
        const given = await real.claim(...args);
        const isLate = ended.length === 0 && given.some(({ verdict }) => verdict === 'won');
        if (isLate) await waitFor('the trust to be over', () => performance.now() - fromMs > 1600);
        return given;
      },
    }),
  });
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processed');
  expect(ended).toEqual([true, false]);
  expect((await bench.open.repository.findJob(id))?.row.attempt).toBe(1); // it was ours still, and given back
});

test('work that is ended because its claim was taken over is told, too', async () => {
  worker = bench.run({ stage: untilAborted });
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processing');
  await bench.takeOver(id);
  await waitFor('the refused write is on record', async () => (await bench.events(id)).includes('stale_write_refused'));
});

test('while the queue is paused nothing is claimed; after resume it goes on', async () => {
  await bench.open.queue.pause('test');
  worker = bench.run();
  const [id = ''] = await bench.enqueue(1);
  await waitFor('the worker has started', () => bench.log.has('worker.started'));
  await waitFor('it came back into line', async () => (await bench.redis.client.llen(bench.open.keys.waiting)) === 1);
  expect(await bench.status(id)).toBe('queued');
  await bench.open.queue.resume('test');
  await bench.until(id, 'processed');
});

test('an entry that is no job id is dropped, and holds nothing up', async () => {
  const { client } = bench.redis;
  const { jobs, waiting } = bench.open.keys;
  const leave = await leadElsewhere(); // else the worker may find it as the reconciler first
  await client.multi().hset(jobs, 'no-uuid', '1').rpush(waiting, 'no-uuid').exec();
  worker = bench.run();
  await waitFor('it is gone', async () => (await client.hexists(jobs, 'no-uuid')) === 0);
  await waitFor('it is told', () => bench.log.has('job.not_claimed'));
  await leave();
  const [id = ''] = await bench.enqueue(1);
  await bench.until(id, 'processed');
});

test('a suspect runs alone', async () => {
  let running = 0;
  let beside = 0;
  await bench.open.queue.pause('test');
  const ids = await bench.enqueue(6);
  const suspect = ids[2];
  await bench.database.client.query(`UPDATE application_tracking SET runs_alone = true WHERE job_id = $1`, [suspect]);
  worker = bench.run({
    slots: 3,
    stage: async (task) => {
      running += 1;
      await new Promise((resolve) => setImmediate(resolve));
      if (task.job.id === suspect) beside = Math.max(beside, running - 1);
      running -= 1;
      return nothing;
    },
  });
  await bench.open.queue.resume('test');
  for (const id of ids) await bench.until(id, 'processed');
  expect(beside).toBe(0);
});
