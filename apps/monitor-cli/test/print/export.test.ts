// An export of more rows than are read at once: none is left out at the border of a page, and none comes twice.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { failure, startSystem, type System } from '../system.ts';

/** Two whole pages and a row: also a page that is full, and yet not the last. */
const COUNT = 2001;

let system: System;
let ids: string[];
beforeAll(async () => {
  system = await startSystem();
  ids = await system.discover(COUNT);
}, 60_000);
afterAll(() => system.stop());

async function exported(...words: readonly string[]): Promise<string[]> {
  const { code, stdout } = await system.run([...words, '--ndjson']);
  expect(code).toBe(0);
  const lines = stdout.split('\n').slice(0, -1);
  // The rows' shape is for reading.test.ts.
  return lines.map((line) => (JSON.parse(line) as { job_id: string }).job_id);
}

it('of jobs gives each once, the newest discovery first', async () => {
  expect(await exported('jobs')).toEqual(ids.toReversed());
  expect(await exported('jobs', '--status', 'discovered', '--text', 'title')).toEqual(ids.toReversed());
  expect(await exported('jobs', '--limit', '1000')).toEqual(ids.toReversed().slice(0, 1000));
});

it('of what failed gives each once, the oldest failure first, also where many failed at one time', async () => {
  await system.repository.enqueue(
    ids.map((jobId) => ({ jobId, call: 0 })),
    0,
  );
  const asks = ids.map((jobId) => ({ jobId, token: randomUUID() }));
  await system.repository.claim(asks, { id: randomUUID(), sessionKey: null, workerName: 'w1', leaseMs: 60_000 });
  await system.repository.settle(asks.map((ask) => ({ ...ask, outcome: failure('TypeError', 'f1') })));
  const { rows } = await system.database.client.query<{ job_id: string }>(
    `SELECT job_id FROM application_tracking WHERE status = 'failed' ORDER BY finished_at, job_id`,
  );
  expect(rows).toHaveLength(COUNT);
  expect(await exported('failed', 'list')).toEqual(rows.map((row) => row.job_id));
});
