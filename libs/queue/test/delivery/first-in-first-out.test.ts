// Law 5 across workers: who takes first is decided in Redis, so it is read there. A taken id enters `active` at one end, and as
// nobody acknowledges here, `active` is the record of all takings in their one true order; what workers tell of it is not,
// since three who take at one moment may claim in any order.
import { randomUUID } from 'node:crypto';
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWorkLoop, type WorkLoop } from '../../src/delivery/bee-queue.ts';
import { holderOf, openStores, type Stores } from '../stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.stop());

interface Fleet {
  readonly loops: readonly WorkLoop[];
  /** Takings of each worker. */
  readonly taken: readonly string[][];
}

/** Workers with one slot each, over connections of their own, which claim and settle for real and acknowledge nothing. */
function fleetOf(size: number, onTaken: (count: number) => Promise<void>): Fleet {
  let count = 0;
  const taken = Array.from({ length: size }, (): string[] => []);
  const loops = taken.map((mine, n) => {
    const { redis: store, keys, repository } = stores.another();
    const holder = holderOf({ workerName: `w${String(n)}` });
    const work = async (jobId: string): Promise<void> => {
      mine.push(jobId);
      const token = randomUUID();
      const [answer] = await repository.claim([{ jobId, token }], holder);
      await onTaken((count += 1));
      if (answer?.verdict !== 'won') return; // it was in line again by the rebuild
      await repository.settle([{ jobId, token, outcome: { kind: 'processed', last: undefined } }]);
    };
    return createWorkLoop({ store, keys, queueName: stores.queueName, slots: 1, work, log: stores.log });
  });
  return { loops, taken };
}

const waiting = async (): Promise<number> => {
  const rows = await stores.sql<{ n: number }>(
    `SELECT count(*)::int AS n FROM application_tracking WHERE status IN ('queued', 'processing')`,
  );
  return rows[0]?.n ?? -1;
};

/** Everything is lost, in the moment in which what was taken so far is read. @returns the ids taken, the first first */
async function loseRedis(): Promise<string[]> {
  const answers = await stores.redis.client.multi().lrange(stores.keys.active, 0, -1).flushall().exec();
  return (answers?.[0]?.[1] as string[]).reverse(); // LRANGE answers an array of texts
}

it('three workers take ids in order of queue_seq, also through a loss of Redis and the rebuild after it', async () => {
  let before: string[] = [];
  const { loops, taken } = fleetOf(3, async (count) => {
    if (count !== 12) return;
    before = await loseRedis(); // this worker's slot is busy with it; the two others go on taking
    await stores.open.queue.rebuild();
  });
  const line: string[] = [];
  for (let batch = 0; batch < 4; batch += 1) line.push(...(await stores.queued(10)));
  await Promise.all(loops.map((loop) => loop.start()));
  await waitFor('the first jobs to be processed', async () => (await waiting()) === 0);
  for (let one = 0; one < 15; one += 1) line.push(...(await stores.queued(1))); // each taken as it comes
  await waitFor('the last jobs to be processed', async () => (await waiting()) === 0);
  const after = (await stores.active()).reverse();
  await Promise.all(loops.map((loop) => loop.stop()));

  const bySeq = await stores.sql<{ job_id: string }>('SELECT job_id FROM application_tracking ORDER BY queue_seq');
  expect(line).toEqual(bySeq.map((row) => row.job_id));
  expect(before.length).toBeGreaterThanOrEqual(12);
  expect(before.length).toBeLessThan(40);
  const first = [...before, ...after.filter((id) => !before.includes(id))];
  expect(first).toEqual(line);
  expect(taken.map((mine) => mine.length > 0)).toEqual([true, true, true]);
});
