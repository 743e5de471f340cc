import type { RegisteredWorker } from '@jobhive/queue';
import { describe, expect, it } from 'vitest';
import { workersSeen } from '../../src/why/workers-seen.ts';
import { explain, type History } from '../../src/why/explain.ts';
import type { LiveFacts, WorkersSeen } from '../../src/why/facts.ts';
import { at, brief, calm, event, job, JOB_ID, now, system } from './history.ts';

const told = (history: Partial<History>, seconds: number, facts: Partial<LiveFacts> = {}) =>
  explain({ job: job('queued'), timeline: [], system: [], ...history }, { ...calm, ...facts }, now(seconds));
const waits = (...args: Parameters<typeof told>): string => brief(told(...args).waits);
const cause = (...args: Parameters<typeof told>): string => told(...args).cause;

const queued = [event(-10, 'discovered'), event(0, 'queued')];

describe('the waits of a job', () => {
  it('are none before it was ever queued', () => {
    expect(waits({ job: job('discovered'), timeline: [event(-10, 'discovered')] }, 5)).toBe('');
  });

  it('go on for a worker while it is queued', () => {
    expect(waits({ timeline: queued }, 5)).toBe('worker 5…');
  });

  it('name each stage, and the one that runs', () => {
    const timeline = [
      ...queued,
      event(3, 'claimed'),
      event(5, 'stage_finished', { detail: { stage: 'normalise' } }),
      event(9, 'stage_finished', { detail: { stage: 'match' } }),
    ];
    const running = job('processing', { currentStage: 'decision' });
    expect(waits({ job: running, timeline }, 10)).toBe('worker 3, stage:normalise 2, stage:match 4, stage:decision 1…');
  });

  it('end with the settling event, whose own checkpoint leaves no empty wait', () => {
    const timeline = [
      ...queued,
      event(3, 'claimed'),
      event(5, 'stage_finished', { detail: { stage: 'a' } }),
      event(5, 'processed'),
    ];
    expect(waits({ job: job('processed'), timeline }, 100)).toBe('worker 3, stage:a 2');
  });

  it('are for the retry until it is due, then for a worker', () => {
    const timeline = [
      ...queued,
      event(1, 'claimed'),
      event(2, 'retry_scheduled', { detail: { delay_seconds: 5, stage: 'match', name: 'TypeError', reason: 'error' } }),
    ];
    expect(waits({ timeline }, 4)).toBe('worker 1, stage:match 1, retry:TypeError 2…');
    expect(waits({ timeline }, 10)).toBe('worker 1, stage:match 1, retry:TypeError 5, worker 3…');
    expect(waits({ job: job('processing'), timeline: [...timeline, event(7.5, 'claimed')] }, 8)).toBe(
      'worker 1, stage:match 1, retry:TypeError 5, worker 0.5, stage 0.5…',
    );
  });

  // What had gone wrong: no delivery was heeded once the wait had begun with a retry.
  it('are for Redis from when the retry was due where Redis lacked the job then', () => {
    const timeline = [
      ...queued,
      event(1, 'claimed'),
      event(2, 'retry_scheduled', { detail: { delay_seconds: 5, name: 'TypeError' } }),
    ];
    const again = (seconds: number, reason: string) => [
      ...timeline,
      event(seconds, 'dispatched', { detail: { reason } }),
    ];
    const before = 'worker 1, stage 1, retry:TypeError 5';
    expect(waits({ timeline: again(10, 'not_in_redis') }, 12)).toBe(`${before}, redis:not_in_redis 3, worker 2…`);
    expect(waits({ timeline: again(10, 'not_in_redis') }, 10)).toBe(`${before}, redis:not_in_redis 3, worker 0…`);
    expect(waits({ timeline: again(8, 'due') }, 12)).toBe(`${before}, worker 5…`);
  });

  it('are for the rate limit of somebody else where a stage asked to be called later', () => {
    const timeline = [
      ...queued,
      event(1, 'claimed'),
      event(2, 'retry_scheduled', { detail: { delay_seconds: 60, reason: 'retry_after' } }),
    ];
    expect(waits({ timeline }, 12)).toBe('worker 1, stage 1, rate_limit 10…');
  });

  it('are for the deploy that gave it back, or for Postgres, until it is claimed again', () => {
    const back = (reason: string) => [
      ...queued,
      event(1, 'claimed'),
      event(2, 'given_back', { detail: { reason } }),
      event(5, 'claimed'),
    ];
    expect(waits({ job: job('processing'), timeline: back('shutdown') }, 6)).toBe(
      'worker 1, stage 1, deploy:shutdown 3, stage 1…',
    );
    expect(waits({ job: job('processing'), timeline: back('postgres_away') }, 6)).toBe(
      'worker 1, stage 1, postgres 3, stage 1…',
    );
  });

  it('are for the lost worker, by name, until somebody else claims', () => {
    const timeline = [
      ...queued,
      event(1, 'claimed', { worker: 'w1' }),
      event(31, 'worker_lost', { worker: 'w1', detail: { stage: 'match' } }),
      event(31.2, 'dispatched', { detail: { reason: 'not_in_redis' } }),
      event(32, 'claimed'),
    ];
    expect(waits({ job: job('processing'), timeline }, 33)).toBe(
      'worker 1, stage:match 30, lost_worker:w1 1, stage 1…',
    );
  });

  it('leave out the time between failed and retried', () => {
    const timeline = [
      ...queued,
      event(1, 'claimed'),
      event(2, 'failed', { detail: { stage: 'a' } }),
      event(60, 'retried'),
      event(61, 'claimed'),
      event(62, 'processed'),
    ];
    expect(waits({ job: job('processed'), timeline }, 100)).toBe('worker 1, stage:a 1, worker 1, stage 1');
  });

  it('are for the pause while it lasted, also where it began before the job was queued', () => {
    const timeline = [...queued, event(20, 'claimed')];
    const paused = [system(-30, 'paused'), system(4, 'resumed'), system(6, 'paused'), system(9, 'resumed')];
    expect(waits({ job: job('processing'), timeline, system: paused }, 21)).toBe(
      'paused 4, worker 2, paused 3, worker 11, stage 1…',
    );
  });

  it('are not for a pause while the job runs or its retry is not due', () => {
    const timeline = [...queued, event(1, 'claimed'), event(5, 'retry_scheduled', { detail: { delay_seconds: 5 } })];
    expect(waits({ timeline, system: [system(2, 'paused')] }, 12, { paused: true })).toBe(
      'worker 1, stage 4, retry 5, paused 2…',
    );
  });

  it('are for Redis while it was away, told once though several workers told of it', () => {
    const outage = [
      system(2, 'redis_away'),
      system(2.1, 'redis_away'),
      system(6, 'redis_back'),
      system(6.4, 'redis_back'),
    ];
    expect(waits({ timeline: queued, system: outage }, 8)).toBe('worker 2, redis 4, worker 2…');
  });

  it('are for Redis from the first where the push failed', () => {
    expect(waits({ timeline: queued }, 8, { redisOk: false, redisBehind: 7, workers: null })).toBe(
      'redis:redis_behind 8…',
    );
    expect(waits({ timeline: queued }, 8, { redisBehind: 8 })).toBe('worker 8…');
    const delivered = [...queued, event(6, 'dispatched', { detail: { reason: 'redis_behind' } })];
    expect(waits({ timeline: delivered }, 8)).toBe('redis:redis_behind 6, worker 2…');
  });

  it('are for Postgres for as long as its return told', () => {
    expect(waits({ timeline: queued, system: [system(9, 'postgres_back', { away_ms: 4000 })] }, 12)).toBe(
      'worker 5, postgres 4, worker 3…',
    );
  });

  it('end in what is seen live where no event tells of it yet', () => {
    expect(waits({ timeline: queued }, 8, { redisOk: false })).toBe('worker 8, redis 0…');
    expect(waits({ timeline: queued }, 8, { paused: true })).toBe('worker 8, paused 0…');
  });
});

describe('the cause', () => {
  const workers = (over: Partial<WorkersSeen> = {}) => ({
    workers: { alive: 2, slots: 4, slotsFree: 0, meanMs: 2000, lastBeatMs: 400, ...over },
  });
  const none = workers({ alive: 0, slots: 0, lastBeatMs: null });

  it('names the first that holds of paused, Redis away, no worker alive, Postgres away, all busy', () => {
    const all = { paused: true, redisOk: false, ...none, jobsAhead: 3, lastTickMs: 60_000 };
    expect(cause({ timeline: queued }, 5, all)).toMatch(/paused/i);
    expect(cause({ timeline: queued }, 5, { ...all, paused: false })).toMatch(/^Redis is away/);
    expect(cause({ timeline: queued }, 5, { ...none, lastTickMs: 60_000 })).toBe(
      'No worker is alive; start one with `worker`.',
    );
    expect(cause({ timeline: queued }, 5, { ...workers(), lastTickMs: 60_000 })).toMatch(
      /^Postgres is away for the workers: none of the 2 alive has reached it for 1 m/,
    );
    expect(cause({ timeline: queued }, 5, { ...workers(), jobsAhead: 3 })).toBe(
      'All 2 workers are busy; 3 jobs stand before it.',
    );
    expect(cause({ timeline: queued }, 5, workers({ alive: 1 }))).toBe(
      'The one living worker is busy; it is the next one.',
    );
    expect(cause({ timeline: queued }, 5, { ...workers(), jobsAhead: 1 })).toMatch(/1 job stands before it/);
  });

  it('is not that all are busy where a worker with a job in hand has a slot to spare, or where all have died', () => {
    expect(cause({ timeline: queued }, 5, workers({ alive: 1, slots: 4, slotsFree: 3 }))).toBe(
      'It waits for its turn; it is the next one, and 3 of 4 slots are free.',
    );
    expect(cause({ timeline: queued }, 5, workers({ alive: 0, slots: 0, lastBeatMs: 12_000 }))).toBe(
      'No worker is alive (the last was heard of 12 s ago); start one with `worker`.',
    );
  });

  it('names the retry and its time, behind what stands still', () => {
    const delayed = job('queued', { nextAttemptAt: now(15) });
    const timeline = [
      ...queued,
      event(1, 'claimed'),
      event(2, 'retry_scheduled', { detail: { delay_seconds: 13, name: 'TypeError' } }),
    ];
    expect(cause({ job: delayed, timeline }, 5)).toBe('Attempt 1 failed with TypeError; it is due again in 10 s.');
    expect(cause({ job: delayed, timeline }, 5, { paused: true })).toMatch(/^The queue is paused.*due again in 10 s/);
  });

  it('tells of a settled or untouched job how it ended, and what to do', () => {
    const error = {
      name: 'TypeError',
      message: 'm',
      stack: null,
      stage: 'match',
      attempt: 4,
      worker_name: 'w',
      at: at(9),
      fingerprint: 'f',
      reason: 'error' as const,
      previous: [],
    };
    expect(cause({ job: job('discovered') }, 5)).toBe(
      `Discovered, not enqueued yet: run \`monitor-cli enqueue ${JOB_ID}\`.`,
    );
    expect(cause({ job: job('failed', { errorInfo: error }, { attempt: 4 }) }, 5)).toMatch(
      /^Failed after 4 attempts with TypeError in stage match/,
    );
    expect(cause({ job: job('processed', {}, { finished_at: at(9) }) }, 20)).toMatch(
      /^Processed at 2026-03-01 12:00:09Z/,
    );
    expect(
      cause(
        {
          job: job('cancelled', {}, { finished_at: at(9) }),
          timeline: [event(9, 'cancelled', { detail: { by: 'anna' } })],
        },
        20,
      ),
    ).toMatch(/^Cancelled by anna at/);
  });

  it('tells who works on it, and that a worker is overdue', () => {
    const running = { workerName: 'w1', currentStage: 'match', leaseUntil: now(30) };
    const started = { started_at: at(0) };
    expect(cause({ job: job('processing', running, started) }, 5)).toBe(
      'Worker w1 has worked on it for 5.0 s, in stage match.',
    );
    expect(cause({ job: job('processing', running, started) }, 35)).toMatch(
      /has not been heard of for 5.0 s beyond its lease/,
    );
    expect(cause({ job: job('processing', { ...running, cancelRequestedAt: now(4) }, started) }, 5)).toMatch(
      /to be cancelled/,
    );
  });
});

describe('the expected start', () => {
  const start = (...args: Parameters<typeof told>) => told(...args).expected_start;
  const workers = { alive: 2, slots: 4, slotsFree: 1, meanMs: 2000, lastBeatMs: 400 };

  it('is now where a slot is free for it, else when enough of them come free', () => {
    expect(start({ timeline: queued }, 5)?.at).toBe(at(5));
    const behind = start({ timeline: queued }, 5, { workers: { ...workers, slotsFree: 0 }, jobsAhead: 7 });
    expect(behind).toEqual({ at: at(9), reasoning: '7 jobs before it, 0 of 4 slots free, 2.0 s a job.' });
  });

  it('is at the head when its retry is due', () => {
    const delayed = job('queued', { nextAttemptAt: now(15) });
    const busy = { workers: { ...workers, slotsFree: 0 }, jobsAhead: 70 };
    expect(start({ job: delayed, timeline: queued }, 5, busy)).toEqual({
      at: at(15.5),
      reasoning:
        'It is due in 10 s and then stands at the head; nothing stands before it, 0 of 4 slots free, 2.0 s a job.',
    });
  });

  it('is not known where something must come first, or no job was timed', () => {
    expect(start({ timeline: queued }, 5, { paused: true })).toEqual({
      at: null,
      reasoning: 'Not before the queue is resumed.',
    });
    expect(start({ timeline: queued }, 5, { workers: { ...workers, slotsFree: 0, meanMs: null } })?.at).toBeNull();
    expect(start({ job: job('processed') }, 5)).toBeNull();
  });
});

describe('what is seen of the workers', () => {
  const beat = (over: Partial<RegisteredWorker>): RegisteredWorker => ({
    name: 'w',
    host: 'h',
    pid: 1,
    since: at(0),
    job_id: null,
    stage: null,
    progress: null,
    processed: 0,
    failed: 0,
    slots: 4,
    in_hand: 1,
    last_heartbeat: at(0),
    meanMs: 100,
    ageMs: 500,
    ...over,
  });

  it('counts the free slots of those heard of in the last seconds', () => {
    const silent = beat({ ageMs: 9000 });
    expect(workersSeen([beat({}), beat({ in_hand: 4, meanMs: 300 }), silent])).toEqual({
      alive: 2,
      slots: 8,
      slotsFree: 3,
      meanMs: 200,
      lastBeatMs: 500,
    });
    expect(workersSeen([silent])).toEqual({ alive: 0, slots: 0, slotsFree: 0, meanMs: null, lastBeatMs: 9000 });
  });
});
