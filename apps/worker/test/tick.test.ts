import { randomUUID } from 'node:crypto';
import { systemClock } from '@jobhive/config';
import type { Claim, RenewVerdict, TrackingRepository } from '@jobhive/db';
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createHands, type Hands, type InHand } from '../src/hands.ts';
import { createTick, type May, type Tick, type TickParts } from '../src/tick.ts';
import { workerBench, type WorkerBench } from './worker-bench.ts';

let bench: WorkerBench;
beforeAll(async () => {
  bench = await workerBench();
});
afterAll(() => bench.close());

const holder = { id: randomUUID(), sessionKey: null, workerName: 'w', leaseMs: 30_000 };

interface Ticking {
  readonly tick: Tick;
  readonly hands: Hands;
  readonly told: string[];
  /** Jobs whose claims were told to be nobody's. */
  readonly orphans: string[];
  /** Of each answer, what might be done to leases of others. */
  readonly may: May[];
  /** As if the process had been frozen for so long. */
  readonly freeze: (ms: number) => void;
}

function ticking(faults: (real: TrackingRepository) => Partial<TrackingRepository> = () => ({})): Ticking {
  const { repository } = bench.open;
  const hands = createHands();
  const told: string[] = [];
  const orphans: string[] = [];
  const may: May[] = [];
  let frozenMs = 0;
  const parts: TickParts = {
    repository: { ...repository, ...faults(repository) },
    hands,
    holder: () => holder,
    canCompare: () => true,
    trustMs: 28_500,
    clock: { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + frozenMs },
    log: bench.logger,
    onAnswer: (answer, allowed) => {
      told.push('answer');
      orphans.push(...answer.orphans.map(({ jobId }) => jobId));
      may.push(allowed);
      return Promise.resolve();
    },
    onAway: () => void told.push('away'),
  };
  return { tick: createTick(parts), hands, told, orphans, may, freeze: (ms) => void (frozenMs += ms) };
}

/** A fresh job claimed for good, in these hands. */
async function inHand(hands: Hands, trustUntilMs = 0): Promise<InHand> {
  const [jobId = ''] = await bench.enqueue(1);
  const [won] = await bench.open.repository.claim([{ jobId, token: hands.ask(jobId) }], holder);
  if (won?.verdict !== 'won') throw new Error(`the claim was answered ${String(won?.verdict)}`);
  const claim: Claim = won.claim;
  return hands.hold(claim, { beganMs: 0, askedAtMs: 0, trustUntilMs });
}

test('each claim in hand is renewed, stopped by a cancel, or stopped as no longer ours', async () => {
  const { tick, hands, told } = ticking();
  const [kept, cancelled, taken] = [await inHand(hands), await inHand(hands), await inHand(hands)];
  await bench.open.queue.cancel(cancelled.claim.jobId, 'test');
  await bench.database.client.query(
    `UPDATE application_tracking SET claim_token = gen_random_uuid() WHERE job_id = $1`,
    [taken.claim.jobId],
  );
  tick.start();
  await waitFor('the answer', () => told.includes('answer'));
  expect([kept.cause, cancelled.cause, taken.cause]).toEqual([undefined, 'cancel', 'stale']);
  expect([kept.trustUntilMs > 0, cancelled.trustUntilMs > 0, taken.trustUntilMs]).toEqual([true, true, 0]);
  await tick.stop();
});

test('a verdict that could not be had leaves the lease as it was', async () => {
  const { tick, hands, told } = ticking((real) => ({
    tick: async (...args: Parameters<TrackingRepository['tick']>) => {
      const answer = await real.tick(...args);
      const busy = [...answer.renewed.keys()].map((token): [string, RenewVerdict] => [token, 'busy']);
      return { ...answer, renewed: new Map(busy) };
    },
  }));
  const hand = await inHand(hands, 5);
  tick.start();
  await waitFor('the answer', () => told.includes('answer'));
  expect([hand.cause, hand.trustUntilMs]).toEqual([undefined, 5]);
  await tick.stop();
});

// Each wish for an early look had a timer of its own, and each look wishes for another: a busy leader would have come to look all the time.
test('however many want to look again soon, one look comes of it, in time; what was asked for is gone with the end', async () => {
  const { tick, told } = ticking();
  tick.start();
  await waitFor('the first answer', () => told.length === 1);
  const fromMs = performance.now();
  for (let n = 0; n < 100; n += 1) tick.wakeIn(300 + n);
  tick.wakeIn(200);
  await waitFor('the next', () => told.length === 2);
  expect(performance.now() - fromMs).toBeGreaterThanOrEqual(195);
  await waitFor('the one of its own accord', () => told.length === 3);
  expect(performance.now() - fromMs).toBeGreaterThanOrEqual(1195);
  const [set, cleared] = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'clearTimeout')];
  tick.wakeIn(60_000);
  const timer: unknown = set.mock.results.at(-1)?.value;
  await tick.stop();
  expect(cleared).toHaveBeenCalledWith(timer); // else it would keep the process
  vi.restoreAllMocks();
});

test('a lease is trusted from the moment it was asked for, however late the answer comes', async () => {
  let asked = false;
  const { tick, hands, told, freeze } = ticking((real) => ({
    tick: async (...args: Parameters<TrackingRepository['tick']>) => {
      if (asked) throw new Error('away'); // no other asks later
      asked = true;
      const answer = await real.tick(...args);
      freeze(5000);
      return answer;
    },
  }));
  const hand = await inHand(hands);
  tick.start();
  await waitFor('the answer', () => told.includes('answer'));
  expect(hand.trustUntilMs).toBeGreaterThan(0);
  expect(hand.trustUntilMs).toBeLessThanOrEqual(systemClock.monotonicMs() + 28_500);
  await tick.stop();
});

test('a claim that is asked for while a tick is under way is no orphan; one that nobody knows of is', async () => {
  const [underWay = '', unknown = ''] = await bench.enqueue(2);
  const { tick, hands, told, orphans } = ticking((real) => ({
    tick: async (...args: Parameters<TrackingRepository['tick']>) => {
      const asks = [
        { jobId: underWay, token: hands.ask(underWay) },
        { jobId: unknown, token: randomUUID() },
      ];
      await real.claim(asks, holder);
      return real.tick(...args);
    },
  }));
  tick.start();
  await waitFor('the answer', () => told.includes('answer'));
  await tick.stop();
  expect([orphans.includes(underWay), orphans.includes(unknown)]).toEqual([false, true]);
});

test('while Postgres is away, work whose lease can no longer be trusted is ended, other work goes on', async () => {
  const { tick, hands, told } = ticking(() => ({ tick: () => Promise.reject(new Error('away')) }));
  const trusted = await inHand(hands, Infinity);
  const distrusted = await inHand(hands, -Infinity);
  const failures = bench.log.count('worker.tick_failed');
  tick.start();
  await waitFor('the failure', () => told.length === 1);
  tick.wake();
  await waitFor('a second failure', () => told.length === 2);
  expect([trusted.cause, distrusted.cause]).toEqual([undefined, 'stale']);
  expect(bench.log.count('worker.tick_failed')).toBe(failures + 1);
  await tick.stop();
});

/** Nobody has ticked for so long, and the claim's lease has run out. */
const silentFor = async (seconds: number, jobId: string): Promise<void> => {
  const { client } = bench.database;
  await client.query(`UPDATE application_tracking SET lease_until = clock_timestamp() WHERE job_id = $1`, [jobId]);
  await client.query(`UPDATE queue_state SET last_tick = clock_timestamp() - $1::float8 * interval '1 s'`, [seconds]);
};
const backOnRecord = async (): Promise<number> =>
  (await bench.database.client.query(`SELECT FROM system_events WHERE event = 'postgres_back'`)).rows.length;

test('the first tick after an outage moves all leases on and puts it on record; after a blink it does neither', async () => {
  for (const [secondsAway, onRecord] of [
    [0, 0],
    [10, 1],
  ] as const) {
    let failed = false;
    const { tick, hands, told } = ticking((real) => ({
      tick: (...args: Parameters<TrackingRepository['tick']>) => {
        if (failed) return real.tick(...args);
        failed = true;
        return Promise.reject(new Error('away'));
      },
    }));
    const { claim } = await inHand(hands, Infinity);
    tick.start();
    await waitFor('the failure', () => told.includes('away'));
    await silentFor(secondsAway, claim.jobId);
    const moved = bench.log.count('worker.leases_moved_on');
    tick.wake();
    await waitFor('the answer', () => told.includes('answer'));
    expect(await backOnRecord()).toBe(onRecord);
    expect(bench.log.count('worker.leases_moved_on') - moved).toBe(onRecord);
    await tick.stop();
  }
});

test('so does the first tick of a process, no further than those that hang need; it puts nothing on record', async () => {
  const { tick, told } = ticking();
  const { claim } = await inHand(createHands(), Infinity);
  await silentFor(10, claim.jobId);
  const [before, moved] = [await backOnRecord(), bench.log.count('worker.leases_moved_on')];
  tick.start();
  await waitFor('the answer', () => told.includes('answer'));
  expect(await backOnRecord()).toBe(before);
  expect(bench.log.count('worker.leases_moved_on')).toBe(moved + 1);
  const { rows } = await bench.database.client.query<{ left: number }>(
    `SELECT extract(epoch FROM lease_until - clock_timestamp())::float8 AS left FROM application_tracking WHERE job_id = $1`,
    [claim.jobId],
  );
  expect(rows[0]?.left).toBeGreaterThan(5);
  expect(rows[0]?.left).toBeLessThanOrEqual(10); // it may be the only worker: a whole lease would double the time until its rescue
  await tick.stop();
});

test('so does one that was frozen through it, and noticed nothing; what hung in it expires nothing either', async () => {
  let hangs: (() => void) | undefined;
  const { tick, hands, told, may, freeze } = ticking((real) => ({
    tick: (...args: Parameters<TrackingRepository['tick']>) => {
      hangs?.();
      return real.tick(...args);
    },
  }));
  const { claim } = await inHand(hands, Infinity);
  tick.start();
  await waitFor('a worker that may expire', () => may.at(-1)?.expire);
  freeze(5000);
  await silentFor(10, claim.jobId);
  const [moved, before] = [bench.log.count('worker.leases_moved_on'), told.length];
  tick.wake();
  await waitFor('the answer', () => told.length > before);
  expect(bench.log.count('worker.leases_moved_on')).toBe(moved + 1);
  expect(may[before]?.expire).toBe(false);
  await waitFor('a worker that may expire again', () => may.at(-1)?.expire);
  const hung = may.length;
  hangs = () => {
    freeze(5000);
    hangs = undefined;
  };
  tick.wake();
  await waitFor('the late answer', () => may.length > hung);
  expect(may[hung]?.expire).toBe(false);
  await tick.stop();
});

test('who was away shortens no lease of others until those that still hang have had their time', async () => {
  let failing = true;
  const { tick, may, told, freeze } = ticking((real) => ({
    tick: (...args: Parameters<TrackingRepository['tick']>) =>
      failing ? Promise.reject(new Error('away')) : real.tick(...args),
  }));
  tick.start();
  await waitFor('the failure', () => told.includes('away'));
  failing = false;
  tick.wake();
  await waitFor('the answers after it', () => may.length >= 3, { timeoutMs: 5000 });
  expect(may.map(({ shorten }) => shorten)).toEqual([false, false, false]);
  freeze(10_000);
  const [before] = [may.length];
  tick.wake();
  await waitFor('the answer ten seconds later', () => may.length > before);
  expect(may.at(-1)?.shorten).toBe(true);
  await tick.stop();
  const fresh = ticking();
  fresh.tick.start();
  await waitFor('the first answer of a process', () => fresh.may.length > 0);
  expect(fresh.may[0]).toEqual({ expire: false, shorten: true });
  await fresh.tick.stop();
});

test('it looks again when the next lease ends, not a second later', async () => {
  const answeredMs: number[] = [];
  const { tick } = ticking((real) => ({
    tick: async (...args: Parameters<TrackingRepository['tick']>) => {
      const answer = await real.tick(...args);
      answeredMs.push(performance.now());
      return { ...answer, nextOverdueMs: 30 };
    },
  }));
  tick.start();
  await waitFor('five answers', () => answeredMs.length >= 5);
  await tick.stop();
  expect((answeredMs[4] ?? 0) - (answeredMs[0] ?? 0)).toBeLessThan(2000);
});

test('it ends without having begun', async () => {
  await ticking().tick.stop();
});
