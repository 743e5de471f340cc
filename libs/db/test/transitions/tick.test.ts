import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '@jobhive/test-kit';
import type { Holder } from '../../src/transitions/claim.ts';
import { RECONCILER_LEASE, type TickAnswer } from '../../src/transitions/tick.ts';
import { errorOf, holderOf, leaseRunsOut, openRecord, processing, queued, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());
/** Each test finds a queue in which nothing waits, runs or is held. */
afterEach(() => record.sql('DELETE FROM jobs; DELETE FROM leases; UPDATE queue_state SET paused = false'));

const idle = (holder = holderOf()): Promise<TickAnswer> => record.repo.tick([], [], holder);
const retryLater = async (seconds: number): Promise<string> => {
  const { jobId, token } = await processing(record);
  const outcome = { kind: 'retry', delaySeconds: seconds, spendsAttempt: true, error: errorOf() } as const;
  await record.repo.settle([{ jobId, token, outcome }]);
  return jobId;
};

describe('renewal', () => {
  it('moves the lease on by the clock of the database, and records the stage that runs', async () => {
    const holder = holderOf({ sessionKey: 5n });
    const { jobId, token } = await processing(record, holder);
    await leaseRunsOut(record, jobId); // run out, and not expired by anybody yet: still ours
    const answer = await record.repo.tick([{ jobId, token, stage: 'match' }], [token], holder);
    expect([...answer.renewed]).toEqual([[token, 'renewed']]);
    const row = await record.row(jobId);
    expect(row.current_stage).toBe('match');
    expect(new Date(row.lease_until ?? '').getTime()).toBeGreaterThan(Date.now() + 20_000);
    await record.repo.tick([{ jobId, token, stage: null }], [token], holder);
    expect((await record.row(jobId)).current_stage).toBeNull();
  });

  it('answers busy, at once, for a row that another transaction has locked, and renews the others all the same', async () => {
    const holder = holderOf();
    const [slow, quick] = [await processing(record, holder), await processing(record, holder)];
    const before = await record.row(quick.jobId);
    const answer = await record.db.transaction(async (tx) => {
      await tx.query({ name: 'lock', text: 'SELECT FROM application_tracking WHERE job_id = $1 FOR UPDATE' }, [
        slow.jobId,
      ]);
      return record.repo.tick(
        [slow, quick].map(({ jobId, token }) => ({ jobId, token, stage: null })),
        [],
        holder,
      );
    });
    expect(answer.renewed.get(slow.token)).toBe('busy');
    expect(answer.renewed.get(quick.token)).toBe('renewed');
    expect((await record.row(quick.jobId)).lease_until).not.toBe(before.lease_until);
  });

  it('tells of a wanted cancel, and still renews: the worker needs the time to end it', async () => {
    const holder = holderOf();
    const { jobId, token } = await processing(record, holder);
    await leaseRunsOut(record, jobId);
    await record.repo.cancel([jobId], 'test');
    const answer = await record.repo.tick([{ jobId, token, stage: null }], [token], holder);
    expect(answer.renewed.get(token)).toBe('cancel_wanted');
    expect(answer.overdue).toBe(true); // as the statement found it
    expect((await idle(holder)).overdue).toBe(false);
  });
});

describe('what is due', () => {
  it('is told earliest first, with its place in line; what is not due yet by the time to it', async () => {
    const [late, early, later] = [await retryLater(0), await retryLater(0), await retryLater(40)];
    await record.sql(
      `UPDATE application_tracking SET next_attempt_at = next_attempt_at - interval '5 s' WHERE job_id = $1`,
      [early],
    );
    const answer = await idle();
    expect(answer.due.map((job) => job.jobId)).toEqual([early, late]);
    expect(answer.due[0]?.queueSeq).toBe((await record.row(early)).queue_seq);
    expect(answer.nextDueMs).toBeGreaterThan(35_000);
    expect(answer.nextDueMs).toBeLessThanOrEqual(40_000);
    expect((await record.row(later)).status).toBe('queued');
  });

  it('is nothing where nothing waits for its time', async () => {
    await queued(record, 2);
    expect(await idle()).toMatchObject({ due: [], nextDueMs: null, waiting: true, processing: 0, overdue: false });
  });
});

it('tells pause, how many are in processing, whether anything waits, and what Redis lacks', async () => {
  await processing(record);
  expect(await idle()).toMatchObject({ paused: false, processing: 1, waiting: false, redisBehind: null });
  await record.repo.setPaused(true, 'test');
  await queued(record, 1);
  await record.repo.markRedisBehind(17);
  await record.repo.markRedisRunId('run-1');
  expect(await idle()).toMatchObject({
    paused: true,
    processing: 1,
    waiting: true,
    redisBehind: 17,
    redisRunId: 'run-1',
  });
  await record.repo.markRedisCaughtUp(17, await record.repo.redisBehindMarks());
});

it('tells claims of its own holder that it neither holds nor asks for, and nobody else of them', async () => {
  const holder = holderOf();
  const [known, asked, orphan] = [
    await processing(record, holder),
    await processing(record, holder),
    await processing(record, holder),
  ];
  await processing(record);
  const answer = await record.repo.tick([{ ...known, stage: null }], [known.token, asked.token], holder);
  expect(answer.orphans).toEqual([{ jobId: orphan.jobId, token: orphan.token }]);
  expect((await idle()).orphans).toEqual([]);
});

describe("the reconciler's lease", () => {
  const leads = async (holder: Holder, canCompare: boolean): Promise<boolean> =>
    (await record.repo.tick([], [], holder, canCompare)).leads;
  const held = (): Promise<boolean> => record.repo.isLeaseHeld(RECONCILER_LEASE);

  it('is held by one at a time, kept while that one asks, and handed over two seconds after it stopped', async () => {
    const [one, other] = [holderOf(), holderOf()];
    expect((await idle(one)).leads).toBe(true);
    expect((await idle(other)).leads).toBe(false);
    expect((await idle(one)).leads).toBe(true);
    const from = performance.now();
    await waitFor('the other to lead', async () => (await idle(other)).leads, { timeoutMs: 5000, intervalMs: 50 });
    expect(performance.now() - from).toBeGreaterThan(1900);
    expect(performance.now() - from).toBeLessThan(3000);
    expect((await idle(one)).leads).toBe(false);
    expect((await record.client.query('SELECT term::int FROM leases')).rows).toEqual([{ term: 2 }]);
  });

  it('is nothing for those without Redis, of whom one stands in while nobody holds it', async () => {
    const [one, other] = [holderOf(), holderOf()];
    expect([await leads(one, false), await leads(other, false), await held()]).toEqual([true, false, false]);
    expect([await leads(one, false), await leads(other, true), await held()]).toEqual([true, true, true]);
    expect([await leads(one, false), await leads(other, true)]).toEqual([false, true]);
  });

  it('is let go by a holder that loses Redis, which stands in at once', async () => {
    const [one, other] = [holderOf(), holderOf()];
    await leads(one, true);
    expect([await leads(one, false), await leads(other, false), await leads(other, true)]).toEqual([
      true,
      false,
      false,
    ]);
    await waitFor('its lease to run out', async () => !(await held()), { timeoutMs: 5000 });
    expect([await leads(one, false), await leads(other, true), await leads(one, false)]).toEqual([true, true, false]);
  });

  it('goes to exactly one of many that ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => idle()));
    expect(answers.filter((answer) => answer.leads)).toHaveLength(1);
  });
});

it('tells when the next lease ends, and nothing of those that have', async () => {
  expect((await idle()).nextOverdueMs).toBeNull();
  const [soon, gone] = [await processing(record, holderOf({ leaseMs: 9000 })), await processing(record)];
  await processing(record);
  await leaseRunsOut(record, gone.jobId);
  const { nextOverdueMs, overdue } = await idle();
  expect(overdue).toBe(true);
  expect(nextOverdueMs).toBeGreaterThan(0);
  expect(nextOverdueMs).toBeLessThanOrEqual(9000);
  await leaseRunsOut(record, soon.jobId);
  expect((await idle()).nextOverdueMs).toBeGreaterThan(9000);
});

it('writes the time of the last tick only where it is older than a second', async () => {
  const lastTick = async (): Promise<unknown> =>
    (await record.client.query<{ at: string }>('SELECT last_tick::text AS at FROM queue_state')).rows[0]?.at;
  await record.sql(`UPDATE queue_state SET last_tick = clock_timestamp()`);
  const fresh = await lastTick();
  await idle();
  expect(await lastTick()).toBe(fresh);
  await record.sql(`UPDATE queue_state SET last_tick = clock_timestamp() - interval '2 s'`);
  const old = await lastTick();
  await idle();
  expect(await lastTick()).not.toBe(old);
});

it('says what to do where the database has lost its one row', async () => {
  await record.sql('DELETE FROM queue_state');
  await expect(idle()).rejects.toThrow(/monitor-cli migrate/);
  await record.sql('INSERT INTO queue_state (id) VALUES (1)');
});

it('names a holder, not a worker: a successor of the same name renews nothing by it', async () => {
  const { jobId } = await processing(record, holderOf({ workerName: 'w' }));
  const token = randomUUID();
  const answer = await record.repo.tick([{ jobId, token, stage: null }], [], holderOf({ workerName: 'w' }));
  expect([...answer.renewed]).toEqual([[token, 'stale']]);
});
