// Each named wait, over histories that real stores wrote: every event comes from the transition that a worker or an operator
// asks for, and `why` is the command. The waits of each must be what happened, and sum to the time on the wall.
import { randomUUID } from 'node:crypto';
import { readEnvironment, silentLogger } from '@jobhive/config';
import type { Outcome } from '@jobhive/db';
import { openQueue, registerWorker, type OpenQueue, type WorkerReport } from '@jobhive/queue';
import { waitFor } from '@jobhive/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Wait } from '../../src/why/wait.ts';
import { failure, startSystem, type System } from '../system.ts';

interface Why {
  readonly status: string;
  readonly cause: string;
  readonly waits: readonly Wait[];
  readonly timeline: readonly { readonly at: string; readonly event: string }[];
  readonly expected_start: { readonly at: string | null; readonly reasoning: string } | null;
}

let system: System;
let open: OpenQueue;
let jobId: string;
beforeAll(async () => {
  system = await startSystem();
  open = openQueue({ environment: readEnvironment(system.env), log: silentLogger, role: 'worker' });
  await open.redis.ready(5000);
  await open.queue.rebuild();
});
beforeEach(async () => {
  jobId = (await system.discover(1))[0] ?? '';
  await open.queue.enqueueJobs([jobId]);
});
afterEach(async () => {
  await open.queue.clear('test');
  await system.redis.client.del(open.keys.workers);
});
afterAll(async () => {
  await open.stop();
  await system.stop();
});

/** Asked when the wait that goes on has lasted a moment: what has no length is no wait. */
async function why(env: NodeJS.ProcessEnv = {}): Promise<Why> {
  const askedMs = Date.now();
  const { stdout } = await system.run(['why', jobId, '--json'], env);
  const told = JSON.parse(stdout) as Why; // the shape is what is tested here
  expectWallTime(told, { from: askedMs, to: Date.now() });
  return told;
}

/** Until it was settled, or until it was asked: the test's servers have the test's clock. */
function expectWallTime({ waits, timeline, status }: Why, asked: { from: number; to: number }): void {
  waits.slice(1).forEach(({ from }, n) => expect(waits[n]?.to).toBe(from));
  const first = timeline.find(({ event }) => event === 'queued');
  expect(waits[0]?.from).toBe(first?.at);
  const last = waits.at(-1);
  const endMs = Date.parse(last?.from ?? '') + (last?.ms ?? 0);
  const settled = timeline.findLast(({ event }) => event === status);
  if (['processed', 'failed', 'cancelled'].includes(status))
    expect(endMs - Date.parse(settled?.at ?? '')).toBeCloseTo(0, 0);
  else expect([endMs >= asked.from - 50, endMs <= asked.to + 50]).toEqual([true, true]);
  const wallMs = endMs - Date.parse(first?.at ?? '');
  expect(Math.abs(waits.reduce((sum, { ms }) => sum + ms, 0) - wallMs)).toBeLessThanOrEqual(50);
}

const named = ({ waits }: Why): string[] =>
  waits.map(({ for: reason, name }) => (name === null ? reason : `${reason}:${name}`));

const IDLE: WorkerReport = {
  host: 'h',
  pid: 1,
  since: '',
  job_id: null,
  stage: null,
  progress: null,
  processed: 0,
  failed: 0,
  slots: 1,
  in_hand: 0,
  mean_ms: 2000,
};

/** A worker that beats, and whose ticks reach Postgres. */
async function workerLives(report: Partial<WorkerReport> = {}): Promise<void> {
  const holder = randomUUID();
  await registerWorker(open.redis, open.keys, { name: holder, holder }, { ...IDLE, ...report });
  await open.repository.tick([], [], { id: holder, sessionKey: null, workerName: holder, leaseMs: 30_000 });
  await system.database.client.query('UPDATE queue_state SET last_tick = clock_timestamp()');
}

describe('a job that waits for a worker', () => {
  it('is told that none is alive', async () => {
    const told = await why();
    expect(named(told)).toEqual(['worker']);
    expect(told.cause).toBe('No worker is alive; start one with `worker`.');
    expect(told.expected_start).toEqual({ at: null, reasoning: 'Not before a worker is started.' });
  });

  it('is told that all are busy, and when it will start', async () => {
    await workerLives({ slots: 2, in_hand: 2, job_id: randomUUID() });
    const told = await why();
    expect(told.cause).toBe('The one living worker is busy; it is the next one.');
    expect(told.expected_start?.reasoning).toBe('Nothing stands before it, 0 of 2 slots free, 2.0 s a job.');
    expect(Date.parse(told.expected_start?.at ?? '') - Date.now()).toBeGreaterThan(0);
  });

  it('is not told so of a worker with a job in hand and slots to spare, nor of one that died with its job in hand', async () => {
    await workerLives({ slots: 4, in_hand: 1, job_id: randomUUID() });
    expect((await why()).cause).toContain('3 of 4 slots are free');
    const beat = await system.redis.client.hgetall(open.keys.workers);
    const [name = '', value = ''] = Object.entries(beat)[0] ?? [];
    await system.redis.client.hset(
      open.keys.workers,
      name,
      value.replace(/ \d+ /, (ms) => ` ${String(Number(ms) - 9000)} `),
    );
    expect((await why()).cause).toMatch(/^No worker is alive \(the last was heard of \d/);
  });

  it('is told that Postgres is away for a worker that beats and does not tick', async () => {
    await workerLives();
    await system.database.client.query(`UPDATE queue_state SET last_tick = clock_timestamp() - interval '20 s'`);
    const told = await why();
    expect(told.cause).toMatch(/^Postgres is away for the workers/);
    expect(named(told).at(-1)).toBe('postgres');
  });
});

describe('a job that is held up for all', () => {
  it('waits for the pause, before everything else', async () => {
    await open.queue.pause('anna');
    const paused = await why({ REDIS_URL: 'redis://127.0.0.1:1' });
    await open.queue.resume('anna');
    expect(paused.cause).toMatch(/^The queue is paused/);
    expect(named(paused)).toEqual(['worker', 'paused']);
    expect(named(await why())).toEqual(['worker', 'paused', 'worker']);
  });

  it('waits for Redis where its push failed, until it is delivered again', async () => {
    jobId = (await system.discover(1))[0] ?? '';
    const { stdout } = await system.run(['enqueue', jobId, '--json'], { REDIS_URL: 'redis://127.0.0.1:1' });
    expect(JSON.parse(stdout)).toMatchObject([{ dispatched: false }]);
    const away = await why({ REDIS_URL: 'redis://127.0.0.1:1' });
    expect(named(away)).toEqual(['redis:redis_behind']);
    expect(away.cause).toMatch(/^Redis is away/);
    await open.repository.markDelivered([jobId], 'redis_behind');
    const { redisBehind } = await open.repository.queueStateFacts();
    await open.repository.markRedisCaughtUp(redisBehind ?? 0, await open.repository.redisBehindMarks());
    expect(named(await why())).toEqual(['redis:redis_behind', 'worker']);
  });

  it('waits for Redis and for Postgres as the workers have told of it', async () => {
    await open.repository.recordSystemEvent('redis_away');
    await waitFor('a moment to pass', () => passed(20));
    await open.repository.recordSystemEvent('redis_back', { away_ms: 20 });
    await waitFor('a moment to pass', () => passed(60));
    await open.repository.recordSystemEvent('postgres_back', { away_ms: 20 });
    expect(named(await why())).toEqual(['worker', 'redis', 'worker', 'postgres', 'worker']);
  });
});

/** Whether the database's clock has gone on by so much since the last event on record. */
async function passed(ms: number): Promise<boolean> {
  const { rows } = await system.database.client.query<{ ms: number }>(
    `SELECT (extract(epoch FROM clock_timestamp() - max(at)) * 1000)::float8 AS ms FROM system_events`,
  );
  return (rows[0]?.ms ?? 0) >= ms;
}

describe('a job that was claimed', () => {
  const settle = (outcome: Exclude<Outcome, { kind: 'stale' }>): Promise<void> => system.settle(jobId, outcome);
  const broken = failure('TypeError', 'f1') as Extract<Outcome, { kind: 'failed' }>;
  const retryIn = (delaySeconds: number, spendsAttempt: boolean) =>
    settle({ kind: 'retry', delaySeconds, spendsAttempt, error: broken.error });

  it('is in the stage that runs', async () => {
    const token = await system.claim(jobId);
    const record = {
      stage: 'normalise',
      outputJson: '{}',
      attempt: 1,
      version: 1,
      durationMs: 3,
      files: [],
      outdates: [],
    };
    await open.repository.checkpoint([{ jobId, token, record }]);
    const holder = { id: randomUUID(), sessionKey: null, workerName: 'w1', leaseMs: 30_000 };
    await open.repository.tick([{ jobId, token, stage: 'match' }], [token], holder);
    const told = await why();
    expect(named(told)).toEqual(['worker', 'stage:normalise', 'stage:match']);
    expect(told.cause).toMatch(/^Worker w1 has worked on it for .*, in stage match/);
  });

  it('waits for its retry, and says when it is due', async () => {
    await retryIn(3600, true);
    const told = await why();
    expect(named(told)).toEqual(['worker', 'stage:match', 'retry:TypeError']);
    expect(told.cause).toMatch(/Attempt 1 failed with TypeError; it is due again in/);
  });

  it('waits for a limit of somebody else where a stage asked for it', async () => {
    await retryIn(3600, false);
    const told = await why();
    expect(named(told).at(-1)).toMatch(/^rate_limit/);
    expect(told.cause).toMatch(/A stage asked to be called again later; it is due again in/);
  });

  it('waits for a worker once its retry is due', async () => {
    await retryIn(0.02, true);
    await waitFor('the retry to be due', async () => named(await why()).at(-1) === 'worker');
  });

  it('waits for the deploy, or for Postgres, that gave it back', async () => {
    await settle({ kind: 'given_back', reason: 'shutdown' });
    const told = await why();
    expect(named(told).at(-1)).toBe('deploy:shutdown');
    expect(told.cause).toMatch(/^Given back by w1, which ended\. No worker is alive/);
    await settle({ kind: 'given_back', reason: 'postgres_away' });
    expect(named(await why()).at(-1)).toBe('postgres');
  });

  it('waits for its lost worker to be replaced', async () => {
    const holder = { id: randomUUID(), sessionKey: null, workerName: 'lost one', leaseMs: -1 };
    await open.repository.claim([{ jobId, token: randomUUID() }], holder);
    await open.repository.expire([], 3);
    const told = await why();
    expect(named(told).at(-1)).toBe('lost_worker:lost one');
    expect(told.cause).toMatch(/^Worker lost one, which had it, was lost\. No worker is alive/);
    expect(told.status).toBe('queued');
  });

  it('waits for nothing between its failure and its retry', async () => {
    await settle(broken);
    const failed = await why();
    expect(named(failed)).toEqual(['worker', 'stage:match']);
    expect(failed.waits.at(-1)?.to).not.toBeNull();
    expect(failed.expected_start).toBeNull();
    expect(failed.cause).toMatch(/^Failed after 1 attempt with TypeError in stage match/);
  });
});
