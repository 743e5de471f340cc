// A lease counts from the moment it is written, by the clock of the database: not by that of whoever asks, which may be an hour
// wrong, nor from the beginning of a transaction, which may have waited.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Executor } from '../../src/connect/database.ts';
import { takeLease } from '../../src/leases/named-lease.ts';
import { claim } from '../../src/transitions/claim.ts';
import { extendLeasesAfterOutage } from '../../src/transitions/extend-leases.ts';
import { tick } from '../../src/transitions/tick.ts';
import { holderOf, openRecord, processing, queued, type TestRecord } from '../test-record.ts';

const LEASE_MS = 30_000;
const HOUR_MS = 3_600_000;

type Write = (db: Executor) => Promise<unknown>;

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterEach(async () => {
  vi.useRealTimers();
  await record.sql('DELETE FROM jobs; DELETE FROM leases');
});
afterAll(() => record.close());

const holder = holderOf({ leaseMs: LEASE_MS });
const now = async (tx: Executor): Promise<number> =>
  (await tx.query<{ ms: number }>({ name: 'now', text: CLOCK }))[0]?.ms ?? Number.NaN;
const CLOCK = `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms`;
const ENDS = `SELECT (extract(epoch FROM lease_until) * 1000)::float8 AS ms FROM application_tracking WHERE status = 'processing'
  UNION ALL SELECT (extract(epoch FROM until) * 1000)::float8 FROM leases WHERE name = 'poll:a'`;

it.each<[string, () => Promise<Write>]>([
  [
    'of a claim',
    async () => {
      const [jobId = ''] = await queued(record, 1);
      return (db) => claim(db, [{ jobId, token: randomUUID() }], holder);
    },
  ],
  [
    'of a renewal',
    async () => {
      const { jobId, token } = await processing(record, holder);
      return (db) => tick(db, [{ jobId, token, stage: null }], [token], holder);
    },
  ],
  [
    'that is moved on after an outage',
    async () => {
      await processing(record, holderOf({ leaseMs: 1000 }));
      await record.sql(`UPDATE queue_state SET last_tick = clock_timestamp() - interval '10 s'`);
      return (db) => extendLeasesAfterOutage(db, LEASE_MS);
    },
  ],
  ['with a name', () => Promise.resolve((db) => takeLease(db, 'poll:a', randomUUID(), LEASE_MS))],
])('a lease %s ends so long after it was written, by the clock of the database', async (_, prepared) => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + HOUR_MS });
  await record.db.transaction(async (tx) => {
    await now(tx); // it has begun
    const write = await prepared();
    const fromMs = await now(tx);
    await write(tx);
    const [ends, ...others] = await tx.query<{ ms: number }>({ name: 'ends', text: ENDS });
    expect(others).toEqual([]);
    expect(ends?.ms).toBeGreaterThanOrEqual(fromMs + LEASE_MS);
    expect(ends?.ms).toBeLessThanOrEqual((await now(tx)) + LEASE_MS);
  });
});
