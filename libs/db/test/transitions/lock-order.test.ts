// The same law as no-deadlock, as plays: two statements meet at a row in the middle that a third holds. Once it lets go, they
// would block each other for good if one came from the other end. They run on connections that do not try again.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Executor, Statement } from '../../src/connect/database.ts';
import { discover } from '../../src/transitions/discover.ts';
import { enqueue } from '../../src/transitions/enqueue.ts';
import { openRecord, type TestRecord } from '../test-record.ts';

let record: TestRecord;
let bare: Executor;
beforeAll(async () => {
  record = await openRecord();
  bare = {
    query: async <Row>({ text }: Statement, values: readonly unknown[] = []) =>
      (await record.client.query(text, [...values])).rows as Row[], // as Database answers
  };
});
afterAll(() => record.close());

const twoWait = (): Promise<unknown> =>
  waitFor('both to wait for a lock', async () => {
    const text = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    return (await record.client.query(text)).rowCount === 2;
  });
const poll = (db: Executor, names: readonly string[], title: string) =>
  discover(db, {
    source: 'play',
    postings: names.map((external_id) => ({ external_id, title, company: 'Acme' })),
    autoEnqueue: true,
  });

it('two polls that find the same new postings in opposite orders', async () => {
  const names = ['a', 'm', 'z'];
  let both: Promise<unknown> = Promise.resolve();
  const undone = record.db.transaction(async (tx) => {
    await poll(tx, ['m'], 'first');
    both = Promise.all([poll(bare, names, 'one'), poll(bare, [...names].reverse(), 'one')]);
    await twoWait();
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  const [one, other] = (await both) as [unknown[], unknown[]]; // of the two polls
  expect([one.length, other.length]).toEqual([3, 3]);
});

it('a poll that updates postings, and an enqueue that unmarks them', async () => {
  const made = await poll(record.db, ['1', '2', '3'], 'first');
  const ids = made.map((job) => job.jobId).sort();
  let both: Promise<unknown> = Promise.resolve();
  await record.db.transaction(async (tx) => {
    await tx.query({ name: 'lock', text: 'SELECT FROM jobs WHERE id = $1 FOR UPDATE' }, [ids[1]]);
    const asks = [...ids].reverse().map((jobId) => ({ jobId, call: 0 }));
    both = Promise.all([poll(bare, ['3', '2', '1'], 'second'), enqueue(bare, asks, 0)]);
    await twoWait();
  });
  await expect(both).resolves.toHaveLength(2);
  expect(await record.repo.autoEnqueuePage(0, 10)).not.toContainEqual(expect.objectContaining({ jobId: ids[0] }));
});
