// What is not counted again is told as it is, and what may have changed is counted.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { watchStatus } from '../../src/measure/watch-status.ts';
import type { StatusDocument } from '../../src/measure/status.ts';
import { errorOf, openStores, type Stores } from '../stores.ts';

let stores: Stores;
let nowMs = 0;
let counted = 0;
let look: () => Promise<StatusDocument>;
beforeAll(async () => {
  stores = await openStores();
});
beforeEach(async () => {
  await stores.sql('DELETE FROM jobs');
  await stores.redis.clean();
  counted = 0;
  const { repository } = stores.open;
  const counting = { ...repository, figures: () => ((counted += 1), repository.figures()) };
  const parts = { ...stores.open, store: stores.store, queueName: 'q', leaseMs: 30_000, repository: counting };
  look = watchStatus(parts, { now: () => new Date(), monotonicMs: () => nowMs });
});
afterAll(() => stores.stop());

/** Two looks, so far apart that the last event is settled. */
async function atRest(): Promise<StatusDocument> {
  await look();
  nowMs += 36_000;
  return look();
}

it('counts once while nothing happens, and lets the oldest grow older', async () => {
  await stores.queuedOnRecord(3);
  const before = await atRest();
  nowMs += 20_000;
  const after = await look();
  expect(counted).toBe(1);
  expect(after).toMatchObject({ depth: 3, postgres: { ok: true } });
  expect((after.oldest_waiting_seconds ?? 0) - (before.oldest_waiting_seconds ?? 0)).toBeCloseTo(20, 0);
});

it.each<[string, () => Promise<unknown>]>([
  ['a job is discovered', () => stores.discovered(1)],
  ['a job is queued', () => stores.queued(1)],
  ['the queue is paused', () => stores.open.repository.setPaused(true, 'test')],
  ['and goes on', () => stores.open.repository.setPaused(false, 'test')],
])('counts again when %s', async (_, act) => {
  await atRest();
  const before = counted;
  await act();
  await look();
  expect(counted).toBe(before + 1);
});

it('goes on counting while what took a number may not be committed yet', async () => {
  await atRest();
  const [id = ''] = await stores.discovered(1);
  await look();
  nowMs += 30_000;
  const before = counted;
  await stores.sql(`UPDATE application_tracking SET status = 'cancelled', finished_at = now() WHERE job_id = $1`, [id]); // no new number
  expect((await look()).counts).toMatchObject({ discovered: 0, cancelled: 1 });
  expect(counted).toBe(before + 1);
});

it('counts now and then what moves with time alone: soon while retries wait, else each minute', async () => {
  await atRest();
  nowMs += 61_000;
  await look();
  expect(counted).toBe(2);
  const [id = ''] = await stores.queued(1);
  await stores.settle(await stores.claim(id), {
    kind: 'retry',
    delaySeconds: 3600,
    spendsAttempt: true,
    error: errorOf(),
  });
  await atRest();
  const before = counted;
  nowMs += 5000;
  await look();
  expect(counted).toBe(before + 1);
});
