// The reconciler's lease, asked for by two in the same moment: the second waits for the first one's commit, and then leads
// not. Found by a mutant: one after the other, the statement's own look refuses the second; only in a race does the guard of the
// conflict, and eight asks at once were no race on a slow machine.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tick, type TickAnswer } from '../../src/transitions/tick.ts';
import { holderOf, openRecord, type TestRecord } from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

it('is the first one’s, though the second had seen nobody hold it', async () => {
  let second: Promise<TickAnswer> | undefined;
  const first = await record.db.transaction(async (tx) => {
    const answer = await tick(tx, [], [], holderOf());
    second = record.repo.tick([], [], holderOf());
    await record.somebodyWaits();
    return answer;
  });
  expect(first.leads).toBe(true);
  expect((await second)?.leads).toBe(false);
});
