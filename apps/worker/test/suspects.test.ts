// Jobs whose last attempt ended with their worker. They were claimed before they waited to run alone, and several that waited
// began at once: a job that kills its process took with it, attempt by attempt, those that had only run beside it once.
import { randomUUID } from 'node:crypto';
import type { TrackingRepository } from '@jobhive/db';
import { createReconciler } from '@jobhive/queue';
import { waitFor } from '@jobhive/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { failureOfAbort } from '../src/threads/stage-failure.ts';
import { nothing, workerBench, type RunStage, type WorkerBench } from './worker-bench.ts';

let bench: WorkerBench;
let worker: ReturnType<WorkerBench['run']> | undefined;
let answers: string[] = [];
beforeAll(async () => {
  bench = await workerBench({ RQ_RETRY_DELAYS: '0', RQ_MAX_RETRIES: '1', RQ_JOB_TIMEOUT: '1', SHUTDOWN_GRACE: '0' });
});
beforeEach(() => {
  answers = [];
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
});
afterAll(() => bench.close());

/** Notes what claims are answered. */
const noting = (real: TrackingRepository): Pick<TrackingRepository, 'claim'> => ({
  claim: async (...args) => {
    const given = await real.claim(...args);
    answers.push(...given.map(({ verdict }) => verdict));
    return given;
  },
});

/** So many jobs in line, all or some of them suspects, before a worker takes the first. */
async function enqueue(count: number, isSuspect: (n: number) => boolean): Promise<string[]> {
  await bench.open.queue.pause('test');
  const ids = await bench.enqueue(count);
  await bench.database.client.query(`UPDATE application_tracking SET runs_alone = true WHERE job_id = ANY ($1)`, [
    ids.filter((_id, n) => isSuspect(n)),
  ]);
  return ids;
}

/** What happened to these jobs, in order. */
async function story(ids: readonly string[], ...events: string[]): Promise<string[]> {
  const { rows } = await bench.database.client.query<{ job_id: string; event: string }>(
    `SELECT job_id, event FROM job_events WHERE job_id = ANY ($1) AND event = ANY ($2) ORDER BY id`,
    [ids, events],
  );
  return rows.map(({ job_id, event }) => `${event} ${String(ids.indexOf(job_id))}`);
}

const attemptOf = async (id: string) => (await bench.open.repository.findJob(id))?.row.attempt;

/** A stage of this job that ends when the test says so; those of others end at once. */
function held(isHeld: (jobId: string) => boolean): { stage: RunStage; begun: () => boolean; end: () => void } {
  let end: (() => void) | undefined;
  return {
    begun: () => end !== undefined,
    end: () => end?.(),
    stage: (task) => {
      if (!isHeld(task.job.id)) return nothing;
      return new Promise((resolve, reject) => {
        end = () => resolve(nothing);
        task.signal.addEventListener('abort', () => reject(failureOfAbort(task.stage)));
      });
    },
  };
}

/** A neighbour that runs until `end()`, and behind it a suspect that waits to be alone. */
async function neighbourAndSuspect(slots: number, more: Partial<TrackingRepository> = {}) {
  const ids = await enqueue(2, (n) => n === 1);
  const { stage, begun, end } = held((jobId) => jobId === ids[0]);
  worker = bench.run({ slots, stage, faults: (real) => ({ ...noting(real), ...more }) });
  await bench.open.queue.resume('test');
  await waitFor('the neighbour to run, and the suspect to wait', () => begun() && answers.includes('alone'));
  return { ids, neighbour: ids[0] ?? '', suspect: ids[1] ?? '', end };
}

test('suspects of one batch of claims run one after the other, and each is claimed when the one before is settled', async () => {
  const ids = await enqueue(3, () => true);
  let running = 0;
  let most = 0;
  worker = bench.run({
    slots: 3,
    faults: noting,
    stage: async () => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return nothing;
    },
  });
  await bench.open.queue.resume('test');
  for (const id of ids) await bench.until(id, 'processed');
  expect(most).toBe(1);
  const told = await story(ids, 'claimed', 'processed');
  expect(told.map((line) => line.split(' ')[0])).toEqual(Array(3).fill(['claimed', 'processed']).flat());
});

test('while it waits a suspect is not claimed and its time does not run; it waits for the settle of its neighbour too', async () => {
  let goOn: (() => void) | undefined;
  const settling = new Promise<void>((resolve) => (goOn = resolve));
  let settles = 0;
  const settle: TrackingRepository['settle'] = async (asks) => {
    if ((settles += 1) === 1) await settling;
    return bench.open.repository.settle(asks);
  };
  const { ids, suspect, end } = await neighbourAndSuspect(2, { settle });
  const from = performance.now();
  await waitFor('the time of an attempt to have passed', () => performance.now() - from > 1000);
  end();
  await waitFor('the settle to be asked', () => settles === 1);
  expect([await bench.status(suspect), await attemptOf(suspect)]).toEqual(['queued', 0]);
  goOn?.();
  await bench.until(suspect, 'processed');
  expect(await story(ids, 'claimed', 'processed', 'retry_scheduled')).toEqual([
    'claimed 0',
    'processed 0',
    'claimed 1',
    'processed 1',
  ]);
});

test('while a suspect waits nothing more is taken here: others take it', async () => {
  const { suspect, end } = await neighbourAndSuspect(3);
  const other = bench.run({ name: 'other' });
  const [late = ''] = await bench.enqueue(1);
  await bench.until(late, 'processed');
  expect(await bench.status(suspect)).toBe('queued');
  expect(await bench.events(late)).toEqual(['discovered', 'queued', 'claimed', 'stage_finished', 'processed']);
  expect((await bench.open.repository.findJob(late))?.workerName).toBe('other');
  end();
  await bench.until(suspect, 'processed');
  await other.stop();
});

test('a suspect that waits is not taken for lost: nobody else is given it', async () => {
  const { ids, suspect, end } = await neighbourAndSuspect(2);
  const { redis, open } = bench;
  let nowMs = 0;
  const clock = { now: () => new Date(), monotonicMs: () => nowMs };
  const { redis: store, keys, repository } = open;
  const reconciler = createReconciler({ store, keys, repository, log: bench.logger, clock });
  for (let look = 0; look < 3; look += 1) {
    nowMs += 3000;
    await reconciler.look({ waiting: true, redisBehind: null, redisRunId: null });
  }
  expect(await redis.client.lrange(open.keys.waiting, 0, -1)).toEqual([]);
  expect(await redis.client.lrange(open.keys.active, 0, -1)).toContain(suspect);
  expect(await story(ids, 'dispatched')).toEqual([]);
  end();
  await bench.until(suspect, 'processed');
});

test('a suspect that another worker took meanwhile is left to it', async () => {
  const { suspect, end } = await neighbourAndSuspect(2);
  const other = { id: randomUUID(), sessionKey: null, workerName: 'other', leaseMs: 30_000 };
  const ask = { jobId: suspect, token: randomUUID(), runsAlone: true };
  expect(await bench.open.repository.claim([ask], other)).toMatchObject([{ verdict: 'won' }]);
  const dropped = bench.log.count('job.not_claimed');
  end();
  await waitFor('it to be dropped', () => bench.log.count('job.not_claimed') === dropped + 1);
  expect([await bench.status(suspect), await attemptOf(suspect)]).toEqual(['processing', 1]);
  await bench.open.repository.settle([{ ...ask, outcome: { kind: 'processed', last: undefined } }]);
});

test('at the end of the worker a waiting suspect goes back to its place, never claimed', async () => {
  const { neighbour, suspect } = await neighbourAndSuspect(2);
  await worker?.stop();
  expect(await bench.events(suspect)).toEqual(['discovered', 'queued']);
  expect([await attemptOf(neighbour), await attemptOf(suspect)]).toEqual([0, 0]);
  expect(await bench.redis.client.lrange(bench.open.keys.waiting, 0, -1)).toEqual([suspect, neighbour]);
  await bench.open.queue.clear('test');
});
