/**
 * What users of other queues complain of most, in that order, each with a test that bears its name. Poison jobs, the fifth, have
 * a file of their own (poison.test.ts); what is behind each is taken apart in quick-return, fencing, and the tests of the worker.
 */
import { HEAP_OPTIONS, heapInUse, tcpProxy, waitFor, type StartedProgram } from '@jobhive/test-kit';
import { describe, expect, test } from 'vitest';
import { posting, postings } from '../src/postings.ts';
import { withSystem, type System } from '../src/system.ts';

/** From the first event of a job to the first of another name after it, ms. */
async function betweenMs({ record }: System, jobId: string, from: string, to: string): Promise<number> {
  const events = await record.events(jobId);
  const begun = events.findIndex(({ event }) => event === from);
  const ended = events.findIndex(({ event }, n) => n > begun && event === to);
  return Number(events[ended]?.at) - Number(events[begun]?.at);
}

describe('complaint 1: jobs are stuck, or rescued far too late, after a crash or a deploy', () => {
  test('a crash: what the killed workers had in hand goes on elsewhere within lease + 2 s', () =>
    withSystem({ pipeline: 'gated', env: { WORKER_LEASE: '3' } }, async (system) => {
      const { record, database } = system;
      const ids = await system.discover(postings(4));
      const killed = await Promise.all([1, 2].map((n) => system.worker(`killed${String(n)}`, ['--concurrency', '2'])));
      await system.monitor('enqueue', ...ids);
      for (const id of ids) await record.untilEvent(id, 'stage_finished');
      await system.worker('next', ['--concurrency', '4']);
      const { rows } = await database.client.query<{ now: Date }>('SELECT clock_timestamp() AS now');
      for (const worker of killed) worker.signal('SIGKILL');
      await system.openGate();
      for (const id of ids) {
        const [, second] = await record.untilEvent(id, 'claimed', 2);
        expect(Number(second?.at) - Number(rows[0]?.now)).toBeLessThan(5_000);
      }
      await record.untilStatus(ids, 'processed');
      expect((await system.ledger()).filter(({ stage }) => stage === 'first')).toHaveLength(4);
    }));

  test('a deploy: what outlasts the grace goes on with the new workers at once, from its stage, no attempt spent', () =>
    withSystem({ pipeline: 'gated', env: { SHUTDOWN_GRACE: '1' } }, async (system) => {
      const { record } = system;
      const ids = await system.discover(postings(4));
      let workers = await Promise.all([1, 2].map((n) => system.worker(`w${String(n)}`, ['--concurrency', '2'])));
      await system.monitor('enqueue', ...ids);
      for (const id of ids) await record.untilEvent(id, 'stage_finished');
      for (const generation of [2, 3]) {
        const next: StartedProgram[] = [];
        for (const [n, worker] of workers.entries()) {
          next.push(await system.worker(`w${String(n + 1)}-${String(generation)}`, ['--concurrency', '2']));
          expect(await worker.stop()).toMatchObject({ code: 0 });
        }
        workers = next;
        for (const id of ids) await record.untilEvent(id, 'claimed', generation);
      }
      await system.openGate();
      await record.untilStatus(ids, 'processed');
      for (const id of ids) {
        expect((await record.row(id)).attempt).toBe(1);
        expect(await betweenMs(system, id, 'given_back', 'claimed')).toBeLessThan(2_000);
      }
      expect((await system.ledger()).filter(({ stage }) => stage === 'first')).toHaveLength(4);
    }));
});

test('complaint 2: a job is taken for stalled while it works, and runs twice: not one that computes through several leases', () =>
  withSystem({ pipeline: 'busy', env: { WORKER_LEASE: '3', BUSY_SECONDS: '10' } }, async (system) => {
    const { record } = system;
    const [jobId = ''] = await system.discover(postings(1));
    await Promise.all([1, 2].map((n) => system.worker(`w${String(n)}`)));
    await system.monitor('enqueue', jobId);
    await record.untilStatus([jobId], 'processed', 40_000);
    expect(await betweenMs(system, jobId, 'claimed', 'processed')).toBeGreaterThan(9_000);
    expect(await record.story(jobId)).toEqual(['discovered', 'queued', 'claimed', 'stage_finished', 'processed']);
    expect(await system.ledger()).toHaveLength(1);
  }));

describe('complaint 3: a worker is alive, but takes nothing after its store came back', () => {
  /** A job that is enqueued now is done soon. */
  async function works(system: System, jobId: string): Promise<void> {
    await system.monitor('enqueue', jobId);
    await system.record.untilStatus([jobId], 'processed', 5_000);
  }

  test('Redis: killed and started again empty, three times, the worker idle', () =>
    withSystem({ pipeline: 'steady' }, async (system) => {
      const ids = await system.discover(postings(3));
      await system.worker('only');
      for (const id of ids) {
        await system.redis.server.kill();
        await system.redis.server.restart();
        await works(system, id);
      }
    }));

  test.each(['cut', 'swallowed'] as const)(
    'Postgres: its connections are %s for longer than a lease, the worker idle',
    (how) =>
      withSystem({ pipeline: 'steady', env: { WORKER_LEASE: '3', STAGE_MS: '100' } }, async (system) => {
        const ids = await system.discover(postings(3));
        const url = new URL(system.database.url);
        const proxy = await tcpProxy(Number(url.port), url.hostname);
        url.port = String(proxy.port);
        try {
          await system.worker('only', [], { DATABASE_URL: url.href });
          await works(system, ids[0] ?? '');
          await proxy.refuse(true);
          if (how === 'cut') proxy.cut();
          else proxy.blackhole(true);
          await system.monitor('enqueue', ids[1] ?? '');
          const { rows } = await system.database.client.query<{ until: Date }>(
            `SELECT clock_timestamp() + interval '4 s' AS until`,
          );
          const isOver = `SELECT WHERE clock_timestamp() > $1`;
          await waitFor(
            'more than a lease',
            async () => (await system.database.client.query(isOver, [rows[0]?.until])).rowCount,
          );
          expect(await system.record.statuses(ids.slice(1))).toEqual(['queued', 'discovered']);
          await proxy.heal();
          await system.record.untilStatus(ids.slice(1, 2), 'processed', 10_000);
          await works(system, ids[2] ?? '');
          expect(await Promise.all(ids.map(async (id) => (await system.record.row(id)).attempt))).toEqual([1, 1, 1]);
        } finally {
          await proxy.close();
        }
      }),
  );
});

test('complaint 4: delayed jobs run late, or twice: not retries whose Redis is emptied while they wait, with three workers', () =>
  withSystem({ pipeline: 'throwing', env: { RQ_RETRY_DELAYS: '8' } }, async (system) => {
    const { record } = system;
    const ids = await system.discover(postings(20));
    await Promise.all([1, 2, 3].map((n) => system.worker(`w${String(n)}`, ['--concurrency', '2'])));
    await system.monitor('enqueue', ...ids);
    for (const id of ids) await record.untilEvent(id, 'retry_scheduled');
    await system.openGate('mended');
    await system.redis.client.flushall();
    await record.untilStatus(ids, 'processed');
    for (const id of ids) {
      expect(await record.story(id)).toEqual([
        'discovered',
        'queued',
        'claimed',
        'stage_finished',
        'retry_scheduled',
        'claimed',
        'stage_finished',
        'processed',
      ]);
      const waitedMs = await betweenMs(system, id, 'retry_scheduled', 'claimed');
      expect(waitedMs).toBeGreaterThan(7_950); // counted from the attempt's end, a moment before it was on record
      expect(waitedMs).toBeLessThan(10_000);
    }
    expect((await system.ledger()).filter(({ stage }) => stage === 'break')).toHaveLength(40);
  }));

test('complaint 6: memory grows with the jobs that went through: not that of the worker, nor Redis’', () =>
  withSystem({ pipeline: 'steady', env: { STAGE_MS: '0', ENQUEUE_RATE_LIMIT: '0' } }, async (system) => {
    const { record, redis } = system;
    const worker = await system.worker('only', ['--concurrency', '5'], { NODE_OPTIONS: HEAP_OPTIONS });
    const measured: { heapKb: number; redisKb: number }[] = [];
    // The history of finished ids, the figures and the compiled code are at their size by then.
    for (const round of [1, 2, 3]) {
      await system.discover(
        Array.from({ length: ROUND }, (_, n) => posting(round * ROUND + n)),
        `round-${String(round)}.ndjson`,
      );
      await system.monitor('enqueue', '--discovered');
      await record.untilStatus(await record.jobIds(), 'processed', 90_000);
      const used = /^used_memory_dataset:(\d+)/m.exec(await redis.client.info('memory'))?.[1];
      measured.push({ heapKb: (await heapInUse(worker)) / 1024, redisKb: Number(used) / 1024 });
    }
    const [, middle, last] = measured;
    // A job that left 2 kB behind would make 1,200.
    expect((last?.heapKb ?? Infinity) - (middle?.heapKb ?? 0), JSON.stringify(measured)).toBeLessThan(ROUND);
    expect((last?.redisKb ?? Infinity) - (middle?.redisKb ?? 0), JSON.stringify(measured)).toBeLessThan(ROUND / 4);
  }));

const ROUND = 600;
