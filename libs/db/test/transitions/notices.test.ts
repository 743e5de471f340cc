import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../src/lifecycle/notice.ts';
import { claimed, errorOf, leaseRunsOut, openRecord, processing, queued, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
beforeEach(() => record.sql('TRUNCATE notices; DELETE FROM leases'));
afterAll(() => record.close());

const me = randomUUID();
const claimAs = (holder: string, over: { limit?: number; dueForSeconds?: number } = {}): Promise<Notice[]> =>
  record.repo.claimNotices({ holder, leaseMs: 60_000, limit: 50, dueForSeconds: 0, ...over });
const fail = async (claim: { jobId: string; token: string }, fingerprint = 'abc'): Promise<string> => {
  await record.repo.settle([{ ...claim, outcome: { kind: 'failed', error: errorOf({ fingerprint }) } }]);
  return claim.jobId;
};
const failing = async (count: number, fingerprint = 'abc'): Promise<string[]> => {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) ids.push(await fail(await processing(record), fingerprint));
  return ids;
};
const rows = async () =>
  (await record.client.query<Record<string, unknown>>('SELECT * FROM notices ORDER BY seq')).rows;

describe('a dead letter', () => {
  it('makes one notice, in the commit that fails the job', async () => {
    const claim = await processing(record);
    await fail(claim, 'f1');
    expect(await rows()).toMatchObject([
      { kind: 'dead_letter', job_id: claim.jobId, fingerprint: 'f1', attempts: 0, ended_at: null, gathered_into: null },
    ]);
  });

  it('makes none a second time, whoever asks again or comes too late', async () => {
    const claim = await processing(record);
    await fail(claim);
    expect((await record.repo.settle([{ ...claim, outcome: { kind: 'failed', error: errorOf() } }]))[0]?.verdict).toBe(
      'already',
    );
    const other = { jobId: claim.jobId, token: randomUUID() };
    await record.repo.settle([{ ...other, outcome: { kind: 'failed', error: errorOf() } }]);
    expect(await rows()).toHaveLength(1);
  });

  it('makes one where its worker was lost with the last attempt, and expire tells the fingerprint', async () => {
    const claim = await processing(record);
    await leaseRunsOut(record, claim.jobId);
    const [expired] = await record.repo.expire([], 0);
    expect(expired).toMatchObject({ status: 'failed', fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/) as string });
    expect(await rows()).toMatchObject([{ job_id: claim.jobId, fingerprint: expired?.fingerprint }]);
  });

  it('is the only end that does', async () => {
    const claims = [await processing(record), await processing(record), await processing(record)];
    const [done, back, again] = claims.map(({ jobId, token }) => ({ jobId, token }));
    if (!done || !back || !again) throw new Error('three were claimed');
    await record.repo.settle([
      { ...done, outcome: { kind: 'processed', last: undefined } },
      { ...back, outcome: { kind: 'given_back', reason: 'shutdown' } },
      { ...again, outcome: { kind: 'retry', delaySeconds: 0, spendsAttempt: true, error: errorOf() } },
    ]);
    expect(await rows()).toEqual([]);
  });
});

describe('sending', () => {
  it('is one process’s at a time, and another’s at once when it leaves', async () => {
    await failing(1);
    const other = randomUUID();
    expect(await claimAs(me)).toHaveLength(1);
    expect(await claimAs(other)).toEqual([]);
    await record.repo.leaveLease('notices', me);
    expect(await claimAs(other)).toHaveLength(1);
  });

  it('asks for no lease where nothing is due', async () => {
    await claimAs(me);
    expect((await record.client.query('SELECT FROM leases')).rowCount).toBe(0);
  });

  it('hands out each job’s oldest only, so that they leave in order', async () => {
    const [jobId = ''] = await failing(1, 'first');
    await record.repo.retry([jobId], { kind: 'start' }, 'test');
    await fail(await claimed(record, jobId), 'second');
    const [first, ...others] = await claimAs(me);
    expect([first?.fingerprint, others]).toEqual(['first', []]);
    await record.repo.recordDeliveries([{ seq: first?.seq ?? 0, againSeconds: 60 }]);
    expect(await claimAs(me)).toEqual([]); // the second waits for the first, however long that is tried
    await record.repo.recordDeliveries([{ seq: first?.seq ?? 0, endedAs: 'delivered' }]);
    expect((await claimAs(me)).map((notice) => notice.fingerprint)).toEqual(['second']);
  });

  it('is tried again under the same id, when its time has come', async () => {
    await failing(1);
    const [first] = await claimAs(me);
    await record.repo.recordDeliveries([{ seq: first?.seq ?? 0, againSeconds: 0 }]);
    expect(await claimAs(me)).toMatchObject([{ id: first?.id, attempts: 1 }]);
  });

  it('lets who only logs come later', async () => {
    await failing(1);
    expect(await claimAs(me, { dueForSeconds: 5 })).toEqual([]);
    await record.sql(`UPDATE notices SET next_attempt_at = next_attempt_at - interval '6 s'`);
    expect(await claimAs(me, { dueForSeconds: 5 })).toHaveLength(1);
  });

  it('is late once its delivery was tried in vain, or once nobody has tried it for half a minute', async () => {
    await failing(2);
    expect(await record.repo.overdueNotices()).toBe(0);
    const [tried] = await claimAs(me);
    await record.repo.recordDeliveries([{ seq: tried?.seq ?? 0, againSeconds: 60 }]);
    await record.sql(`UPDATE notices SET attempts = 0 WHERE seq <> $1`, [tried?.seq]);
    expect(await record.repo.overdueNotices()).toBe(1);
    await record.sql(`UPDATE notices SET next_attempt_at = next_attempt_at - interval '90 s'`);
    expect(await record.repo.overdueNotices()).toBe(2);
  });

  it('is told by the tick', async () => {
    const holder = { id: me, sessionKey: null, workerName: 'w', leaseMs: 30_000 };
    expect((await record.repo.tick([], [], holder)).noticesDue).toBe(false);
    await failing(1);
    expect((await record.repo.tick([], [], holder)).noticesDue).toBe(true);
    const [notice] = await claimAs(me);
    await record.repo.recordDeliveries([{ seq: notice?.seq ?? 0, endedAs: 'delivered' }]);
    expect((await record.repo.tick([], [], holder)).noticesDue).toBe(false);
    const waiting = await record.client.query('SELECT FROM notices WHERE ended_at IS NULL AND gathered_into IS NULL');
    expect(waiting.rowCount).toBe(0);
  });
});

describe('a burst', () => {
  const gather = (seqs: readonly number[], into: number | null = null) =>
    record.repo.gatherNotices({ fingerprint: 'abc', seqs, sendInSeconds: 60, into });
  const becomesDue = () =>
    record.sql(`UPDATE notices SET next_attempt_at = clock_timestamp() - interval '1 s' WHERE kind = 'burst'`);

  it('is opened once, gathers until it is due, names its jobs, and takes them along when it ends', async () => {
    const ids = await failing(5);
    const seqs = (await claimAs(me)).map((notice) => notice.seq);
    const opened = await gather(seqs.slice(0, 2));
    expect(await gather(seqs.slice(2), opened)).toBe(opened);
    expect(await claimAs(me)).toEqual([]);
    expect(await record.repo.overdueNotices()).toBe(0);
    await becomesDue();
    const [burst, ...others] = await claimAs(me);
    expect(others).toEqual([]);
    expect(burst).toMatchObject({
      kind: 'burst',
      fingerprint: 'abc',
      jobId: null,
      gathered: { count: 5, jobIds: ids },
    });
    await record.repo.recordDeliveries([{ seq: burst?.seq ?? 0, endedAs: 'delivered' }]);
    expect((await rows()).map((row) => row['ended_as'])).toEqual(Array(6).fill('delivered'));
  });

  it('that was tried gathers no more: whoever saw its id has seen all of it', async () => {
    await failing(2);
    const [one, two] = (await claimAs(me)).map((notice) => notice.seq);
    await gather([one ?? 0]);
    await becomesDue();
    const [burst] = await claimAs(me, { limit: 1 });
    await record.repo.recordDeliveries([{ seq: burst?.seq ?? 0, againSeconds: 60 }]);
    expect(await gather([two ?? 0], burst?.seq)).not.toBe(burst?.seq);
    expect((await rows()).filter((row) => row['kind'] === 'burst')).toHaveLength(2);
  });

  it('holds back what its jobs tell later, until it is delivered', async () => {
    const [jobId = ''] = await failing(1);
    const [first] = await claimAs(me);
    await gather([first?.seq ?? 0]);
    await record.repo.retry([jobId], { kind: 'start' }, 'test');
    await fail(await claimed(record, jobId), 'other');
    expect(await claimAs(me)).toEqual([]);
    expect(await record.repo.overdueNotices()).toBe(0);
    await becomesDue();
    const [burst, ...others] = await claimAs(me);
    expect([burst?.kind, others]).toEqual(['burst', []]);
    await record.repo.recordDeliveries([{ seq: burst?.seq ?? 0, endedAs: 'delivered' }]);
    expect(await claimAs(me)).toMatchObject([{ jobId, fingerprint: 'other' }]);
  });

  it('takes nothing that was tried by itself', async () => {
    await failing(1);
    const [first] = await claimAs(me);
    await record.repo.recordDeliveries([{ seq: first?.seq ?? 0, againSeconds: 0 }]);
    await gather([first?.seq ?? 0]);
    expect(await claimAs(me)).toMatchObject([{ id: first?.id }]);
  });
});

describe('what is kept', () => {
  it('is what did not end, for its time, and what ended lately', async () => {
    await failing(4);
    const [old, fresh, hopeless] = (await claimAs(me)).map((notice) => notice.seq);
    await record.repo.recordDeliveries([
      { seq: old ?? 0, endedAs: 'delivered' },
      { seq: fresh ?? 0, endedAs: 'logged' },
    ]);
    await record.sql(`UPDATE notices SET ended_at = ended_at - interval '2 h' WHERE seq = $1`, [old]);
    await record.sql(`UPDATE notices SET at = at - interval '2 d' WHERE seq = $1`, [hopeless]);
    const ages = { keptSeconds: 3600, triedSeconds: 86_400 };
    expect(await record.repo.sweepNotices(ages)).toEqual({ removed: 1, givenUp: 1, more: false });
    expect((await rows()).map((row) => row['ended_as'])).toEqual(['logged', 'given_up', null]);
  });
});

describe('a queue that is stuck', () => {
  it('is told once for as long as it stays so, and again after it has gone on', async () => {
    expect(await record.repo.noteStuck(40)).toEqual(expect.any(String));
    expect(await record.repo.noteStuck(50)).toBeUndefined();
    await record.sql(`UPDATE leases SET until = until - interval '100 s'`); // the last one was made so long ago
    const ids = await Promise.all([record.repo.noteStuck(60), record.repo.noteStuck(60)]);
    expect(ids.filter((id) => id === undefined)).toHaveLength(1);
    expect((await rows()).map((row) => row['kind'])).toEqual(['stuck', 'stuck']);
  });

  it('shows by how long ago what happened', async () => {
    await queued(record, 1);
    const before = await record.repo.idleFacts();
    expect(before).toMatchObject({ paused: false, waitingSeconds: expect.any(Number) as number, mendedSeconds: null });
    await record.repo.setPaused(true, 'test');
    expect((await record.repo.idleFacts()).paused).toBe(true);
    await record.repo.setPaused(false, 'test');
    const after = await record.repo.idleFacts();
    expect(after.mendedSeconds).toBeLessThan(30);
    const claim = await processing(record);
    expect(await record.repo.idleFacts()).toMatchObject({ claimedSeconds: expect.any(Number) as number });
    await fail(claim);
    expect((await record.repo.idleFacts()).endedSeconds).toBeLessThan(30);
  });
});
