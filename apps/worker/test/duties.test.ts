import { randomUUID } from 'node:crypto';
import { createMetrics, systemClock } from '@jobhive/config';
import type { Claim, TickAnswer } from '@jobhive/db';
import { leaveClaims, registerWorker } from '@jobhive/queue';
import { tcpProxy, waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDuties, type Duties, type DutiesParts } from '../src/duties.ts';
import { through, workerBench, type WorkerBench } from './worker-bench.ts';

let bench: WorkerBench;
let looks = 0;
beforeAll(async () => {
  bench = await workerBench();
});
afterAll(() => bench.close());

function dutiesOf(over: Partial<DutiesParts> = {}): Duties {
  const { repository, redis: store, keys, pusher, deadLetters } = bench.open;
  return createDuties({
    repository,
    store,
    keys,
    pusher,
    deadLetters,
    reconciler: { look: () => Promise.resolve(((looks += 1), null)) },
    tickIn: () => undefined,
    leaseMs: 30_000,
    retriesMax: 0,
    clock: systemClock,
    metrics: createMetrics(),
    log: bench.logger,
    ...over,
  });
}

const answer = (over: Partial<TickAnswer> = {}): TickAnswer => ({
  renewed: new Map(),
  paused: false,
  leads: false,
  due: [],
  nextDueMs: null,
  overdue: false,
  nextOverdueMs: null,
  orphans: [],
  processing: 0,
  waiting: false,
  redisBehind: null,
  redisRunId: null,
  noticesDue: false,
  ...over,
});

const MAY = { expire: true, shorten: true };

/** A fresh job in the hands of a worker whose lease lasts this long. */
async function claimed(leaseMs = 30_000, sessionKey: bigint | null = null): Promise<Claim> {
  const [jobId = ''] = await bench.enqueue(1);
  const token = randomUUID();
  const holder = { id: randomUUID(), sessionKey, workerName: 'lost', leaseMs };
  await bench.redis.client.rpoplpush(bench.open.keys.waiting, bench.open.keys.active);
  const [won] = await bench.open.repository.claim([{ jobId, token }], holder);
  if (won?.verdict !== 'won') throw new Error(`the claim was answered ${String(won?.verdict)}`);
  return won.claim;
}

const runsOut = (jobId: string) =>
  bench.database.client.query(
    `UPDATE application_tracking SET lease_until = clock_timestamp() - interval '1 s' WHERE job_id = $1`,
    [jobId],
  );
const shortened = async (jobId: string): Promise<boolean> => {
  const { rows } = await bench.database.client.query(
    `SELECT FROM application_tracking WHERE job_id = $1 AND lease_until <= clock_timestamp() + interval '3 s'`,
    [jobId],
  );
  return rows.length === 1;
};
const inLine = () => bench.redis.client.lrange(bench.open.keys.waiting, 0, -1);

test('a claim that ran out is expired only when that is allowed, and stands in line again', async () => {
  const duties = dutiesOf({ retriesMax: 3 });
  const { jobId } = await claimed();
  await runsOut(jobId);
  await duties.follow(answer({ overdue: true }), { ...MAY, expire: false });
  expect(await bench.status(jobId)).toBe('processing');
  await duties.follow(answer({ overdue: true }), MAY);
  expect(await bench.status(jobId)).toBe('queued');
  expect(await inLine()).toEqual([jobId]);
  expect(bench.log.has('job.worker_lost')).toBe(true);
  await duties.follow(answer({ overdue: true }), MAY); // another worker was quicker: nothing is left to do
  expect(await inLine()).toEqual([jobId]);
  await bench.open.queue.clear('test');
});

test('the last attempt of a lost worker ends in failed_jobs', async () => {
  const { jobId } = await claimed();
  await runsOut(jobId);
  await dutiesOf().follow(answer({ overdue: true }), MAY);
  expect(await bench.status(jobId)).toBe('failed');
  expect(await bench.redis.client.zscore(bench.open.keys.failed, jobId)).not.toBeNull();
});

test('attempts that end by expiry, or as orphans, are counted as they ended', async () => {
  const metrics = createMetrics();
  const [again, wanted, left, orphan] = [await claimed(), await claimed(), await claimed(), await claimed()];
  await bench.open.queue.cancel(wanted.jobId, 'test');
  await leaveClaims(bench.open.redis, bench.open.keys, [left.token]);
  for (const { jobId } of [again, wanted, left]) await runsOut(jobId);
  await dutiesOf({ metrics, retriesMax: 3 }).follow(answer({ overdue: true, orphans: [orphan] }), MAY);
  await runsOut((await claimed()).jobId);
  await dutiesOf({ metrics, retriesMax: 0 }).follow(answer({ overdue: true }), MAY);
  const lines = (await metrics.render()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'jobhive_attempts_total{outcome="retried"} 1',
      'jobhive_attempts_total{outcome="cancelled"} 1',
      'jobhive_attempts_total{outcome="failed"} 1',
      'jobhive_attempts_total{outcome="given_back"} 2',
      'jobhive_jobs_total{status="queued"} 3',
      'jobhive_jobs_total{status="cancelled"} 1',
      'jobhive_jobs_total{status="failed"} 1',
    ]),
  );
  await bench.open.queue.clear('test');
});

test('an orphan is given back; one that was settled meanwhile is left as it is', async () => {
  const orphan = await claimed();
  const settled = await claimed();
  const { jobId, token } = settled;
  await bench.open.repository.settle([{ jobId, token, outcome: { kind: 'processed', last: undefined } }]);
  const duties = dutiesOf();
  await duties.follow(answer({ orphans: [{ jobId, token }] }), MAY);
  expect(await inLine()).toEqual([]);
  await duties.follow(answer({ orphans: [orphan] }), MAY);
  expect([await bench.status(jobId), await bench.status(orphan.jobId)]).toEqual(['processed', 'queued']);
  expect(await inLine()).toEqual([orphan.jobId]);
  await bench.open.queue.clear('test');
});

test('with Redis away only what Postgres alone needs is done, expiry a minute later, and the outage is on record', async () => {
  const proxy = await tcpProxy(bench.redis.port);
  const { open } = bench.parts({ env: { REDIS_URL: through(bench.redis.url, proxy.port) } });
  await open.redis.ready(5000);
  await proxy.refuse(true);
  proxy.cut();
  await waitFor('Redis to be away', () => !open.redis.isReady);
  let nowMs = 0;
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  const duties = dutiesOf({ store: open.redis, pusher: open.pusher, deadLetters: open.deadLetters, clock });
  const { jobId } = await claimed();
  await runsOut(jobId);
  const before = looks;
  const due = [{ jobId: randomUUID(), queueSeq: 1 }];
  for (const [atMs, leads, status] of [
    [0, true, 'processing'],
    [59_000, true, 'processing'],
    [61_000, false, 'processing'], // somebody else has Redis, and can tell what was left
    [61_000, true, 'failed'],
  ] as const) {
    nowMs = atMs;
    await duties.follow(answer({ overdue: true, leads, due }), MAY);
    expect(await bench.status(jobId)).toBe(status);
  }
  await waitFor('the record', async () => {
    const { rows } = await bench.database.client.query(`SELECT FROM system_events WHERE event = 'redis_away'`);
    return rows.length === 1;
  });
  expect(looks).toBe(before);
  await proxy.close();
});

test('who leads again tells the end of an outage that another, who is gone, told of meanwhile', async () => {
  const duties = dutiesOf();
  const lead = async (): Promise<void> => {
    const before = looks;
    await duties.follow(answer({ leads: true }), MAY);
    await waitFor('the look', () => looks === before + 1);
  };
  await lead();
  await duties.follow(answer(), MAY);
  await bench.open.repository.recordRedis(false);
  await lead();
  const told = await bench.open.repository.systemEventsSince(new Date(0));
  expect(told.at(-1)?.event).toBe('redis_back');
});

// It was left to the leader, between two looks at the stores: one that died with the lease, or rebuilt for long, kept the
// jobs of the dead waiting.
test('the lease of a dead session is shortened by whoever sees claims of others, also while the stores are compared', async () => {
  let done: (() => void) | undefined;
  const look = (): Promise<null> => new Promise((resolve) => (done = () => resolve(null)));
  const leader = dutiesOf({ reconciler: { look }, leaseMs: 0 });
  await leader.follow(answer({ leads: true }), MAY);
  await waitFor('the look', () => done);
  for (const duties of [leader, dutiesOf({ leaseMs: 0 })]) {
    const { jobId, token } = await claimed(30_000, 17n);
    await duties.follow(answer({ processing: 1, renewed: new Map([[token, 'renewed']]) }), MAY);
    expect(await shortened(jobId)).toBe(false); // none but one's own
    await duties.follow(answer({ processing: 1 }), { ...MAY, shorten: false });
    expect(await shortened(jobId)).toBe(false); // some may still hang in an outage
    await duties.follow(answer({ processing: 1 }), MAY);
    expect(await shortened(jobId)).toBe(true);
  }
  done?.();
  await bench.database.client.query(`DELETE FROM jobs`);
});

test('a duty that fails is told and stops no other; the stores are compared by one look at a time', async () => {
  const failed = bench.log.count('reconciler.failed');
  let asked = 0;
  let fail: (() => void) | undefined;
  const look = (): Promise<null> => {
    asked += 1;
    return new Promise((_, reject) => (fail = () => reject(new Error('the look broke'))));
  };
  const duties = dutiesOf({ reconciler: { look } });
  await duties.follow(answer({ leads: true }), MAY);
  await waitFor('the look', () => asked === 1);
  await duties.follow(answer({ leads: true }), MAY);
  expect(asked).toBe(1);
  fail?.();
  await waitFor('the failure to be told', () => bench.log.count('reconciler.failed') === failed + 1);
  await duties.follow(answer({ leads: true }), MAY);
  await waitFor('the next look', () => asked === 2);
  fail?.();
});

test('what the look saw first is looked at again as soon as it would be decided', async () => {
  const asked: number[] = [];
  const duties = dutiesOf({ reconciler: { look: () => Promise.resolve(750) }, tickIn: (ms) => void asked.push(ms) });
  await duties.follow(answer({ leads: true }), MAY);
  await waitFor('the next tick to be asked for', () => asked.length === 1);
  expect(asked).toEqual([750]);
});

test('the pace of the living is told to producers, at most every five seconds, and not while nobody knows it', async () => {
  let nowMs = 0;
  const duties = dutiesOf({ clock: { ...systemClock, monotonicMs: () => nowMs } });
  const { client } = bench.redis;
  const { keys, redis } = bench.open;
  const lead = async (): Promise<void> => {
    const before = looks;
    await duties.follow(answer({ leads: true, processing: 1 }), MAY);
    await waitFor('the look', () => looks === before + 1);
  };
  const report = { host: 'h', pid: 1, since: '', job_id: null, stage: null, progress: null, processed: 0, failed: 0 };
  const worker = (slots: number, mean_ms: number | null) =>
    registerWorker(
      redis,
      keys,
      { name: randomUUID(), holder: randomUUID() },
      { ...report, slots, in_hand: 0, mean_ms },
    );
  await lead(); // nobody is there
  await worker(3, null);
  nowMs += 6000;
  await lead(); // nobody knows
  await duties.follow(answer(), MAY);
  expect(await client.get(keys.pace)).toBeNull();
  await worker(1, 20);
  nowMs += 1000;
  await lead(); // too early
  nowMs += 6000;
  await lead();
  await waitFor('the pace', async () => (await client.get(keys.pace)) === '4 20.000');
});
