/** Acceptance 2: an unknown, a malformed and an already processed id are refused, and leave no trace in either store. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { errorLines } from '../src/log-records.ts';
import { postings } from '../src/postings.ts';
import { startSystem, type System } from '../src/system.ts';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
let system: System;
let processed: string;
let discovered: string;

beforeAll(async () => {
  system = await startSystem();
  [processed = '', discovered = ''] = await system.discover(postings(2));
  await system.monitor('enqueue', processed);
  expect((await system.run('worker', ['--burst'])).code).toBe(0);
});
afterAll(() => system.stop());

async function traces(): Promise<unknown> {
  const { client } = system.redis;
  const { rows } = await system.database.client.query(
    'SELECT (SELECT count(*)::int FROM job_events) AS events, (SELECT jsonb_agg(t ORDER BY t.job_id) FROM application_tracking t) AS rows',
  );
  const [waiting, jobs] = await Promise.all([
    client.lrange('bq:job_processing_queue:waiting', 0, -1),
    client.hkeys('bq:job_processing_queue:jobs'),
  ]);
  return { rows, waiting, jobs };
}

test.each([
  ['an unknown id', () => [UNKNOWN], 1, /no such job: 00000000-0000-4000-8000-000000000000/],
  ['a malformed id', () => ['not-an-id'], 2, /"not-an-id" is no job id/],
  ['a processed id', () => [processed], 1, /is processed already/],
  ['a good id beside an unknown one', () => [discovered, UNKNOWN], 1, /no such job/],
  ['a good id beside a malformed one', () => [discovered, '123'], 2, /"123" is no job id/],
  ['a good id beside a processed one', () => [discovered, processed], 1, /is processed already/],
])('%s is refused in one clear line, and nothing changes', async (_what, ids, code, line) => {
  const before = await traces();
  const result = await system.run('monitor-cli', ['enqueue', ...ids(), '--json']);
  expect(result.code).toBe(code);
  expect(result.stdout).toBe('');
  expect(errorLines(result.stderr)).toEqual([expect.stringMatching(line)]);
  expect(await traces()).toEqual(before);
});
