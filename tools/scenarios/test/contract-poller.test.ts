/** Contract, "Postings" and the poller: forms of a file, the lines it says, exit codes, auto-enqueue and its repair. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '@jobhive/test-kit';
import { posting, postings, ndjson } from '../src/postings.ts';
import { startSystem, withSystem, type System } from '../src/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

async function poll(fileName: string, text?: string, ...args: string[]): Promise<readonly string[]> {
  if (text !== undefined) await writeFile(join(system.folder, fileName), text);
  const { code, stdout, stderr } = await system.run('poller', ['--once', '--source', `file:${fileName}`, ...args]);
  expect(code, stderr).toBe(0);
  return stdout.trim().split('\n');
}

test('new, unchanged and updated postings are counted in one line', async () => {
  expect(await poll('a.ndjson', ndjson(postings(3)))).toEqual([
    'file:a.ndjson: 3 new, 0 updated, 0 unchanged, 0 rejected',
  ]);
  expect(await poll('a.ndjson')).toEqual(['file:a.ndjson: 0 new, 0 updated, 3 unchanged, 0 rejected']);
  const changed = ndjson([posting(1), posting(2, { title: 'Another title' }), posting(4)]);
  expect(await poll('a.ndjson', changed)).toEqual(['file:a.ndjson: 1 new, 1 updated, 1 unchanged, 0 rejected']);
  const { rows } = await system.database.client.query(`SELECT title FROM jobs WHERE external_id = 'p-2'`);
  expect(rows).toEqual([{ title: 'Another title' }]);
});

test('one JSON array, a byte-order mark, CRLF and blank lines are fine', async () => {
  expect(await poll('b.json', `\ufeff${JSON.stringify(postings(2))}\r\n`)).toEqual([
    'file:b.json: 2 new, 0 updated, 0 unchanged, 0 rejected',
  ]);
  const lines = ndjson(postings(2)).replaceAll('\n', '\r\n\r\n');
  expect(await poll('c.ndjson', `\ufeff${lines}`)).toEqual([
    'file:c.ndjson: 2 new, 0 updated, 0 unchanged, 0 rejected',
  ]);
});

test('poller rejected and poller sources tell what was set aside, and the state of each source', async () => {
  expect(await poll('d.ndjson', 'nonsense\n')).toEqual([
    expect.stringMatching(/^line 1: /),
    'file:d.ndjson: 0 new, 0 updated, 0 unchanged, 1 rejected',
  ]);
  const answer = async (command: string): Promise<readonly Record<string, unknown>[]> => {
    const { code, stdout } = await system.run('poller', [command, '--json']);
    expect(code).toBe(0);
    return JSON.parse(stdout) as Record<string, unknown>[]; // both commands answer an array of documents
  };
  const [rejected] = await answer('rejected');
  expect(rejected).toMatchObject({
    source: 'file:d.ndjson',
    place: 'line 1',
    external_id: null,
    reason: expect.any(String) as unknown,
  });
  expect(Object.keys(rejected ?? {})).toEqual(
    expect.arrayContaining(['source', 'place', 'external_id', 'reason', 'at']),
  );
  const source = (await answer('sources')).find((row) => row['source'] === 'file:a.ndjson');
  expect(source).toMatchObject({
    circuit: 'closed',
    error: null,
    last_success: expect.stringMatching(/Z$/) as unknown,
  });
});

test('auto-enqueue queues what it inserts, in the order of the source, and nothing that was there before', () =>
  withSystem({ env: { ENABLE_AUTO_ENQUEUE: 'true' } }, async (own) => {
    const write = (lines: string): Promise<void> => writeFile(join(own.folder, 'auto.ndjson'), lines);
    const once = (...args: string[]) => own.run('poller', ['--once', '--source', 'file:auto.ndjson', ...args]);
    await write(ndjson(postings(1)));
    expect((await once('--no-auto-enqueue')).code).toBe(0);
    await write(ndjson(postings(3)));
    expect((await once()).code).toBe(0);
    const ids = await own.record.jobIds();
    expect(await own.record.statuses(ids)).toEqual(['discovered', 'queued', 'queued']);
    expect((await own.redis.client.lrange('bq:job_processing_queue:waiting', 0, -1)).reverse()).toEqual(ids.slice(1));
  }));

test('what a poller inserted and died before enqueueing is enqueued by the next poll', () =>
  withSystem(
    { env: { ENABLE_AUTO_ENQUEUE: 'true', ENQUEUE_RATE_LIMIT: '2', POLL_SOURCES: 'file:auto.ndjson' } },
    async (own) => {
      await writeFile(join(own.folder, 'auto.ndjson'), ndjson(postings(5)));
      const dying = own.start('poller', ['--once']); // the budget holds it up after the second job
      await waitFor(
        'five jobs, two of them queued',
        async () => {
          const statuses = await own.record.statuses(await own.record.jobIds());
          return statuses.length === 5 && statuses.filter((status) => status === 'queued').length === 2;
        },
        { timeoutMs: 30_000 },
      );
      dying.signal('SIGKILL');
      await dying.exited;
      expect((await own.run('poller', ['--once'], { ENQUEUE_RATE_LIMIT: '0' })).code).toBe(0);
      const ids = await own.record.jobIds();
      expect(await own.record.statuses(ids)).toEqual(ids.map(() => 'queued'));
      const queued = await own.record.eventsNamed('queued');
      expect(queued.map(({ job_id }) => job_id)).toEqual(ids);
    },
  ));

test('an interrupted poll --once and a poller that is stopped end with 0', () =>
  withSystem({ env: { ENQUEUE_RATE_LIMIT: '1', POLL_SOURCES: 'file:auto.ndjson' } }, async (own) => {
    await writeFile(join(own.folder, 'auto.ndjson'), ndjson(postings(3)));
    const once = own.start('poller', ['--once', '--auto-enqueue']);
    await waitFor(
      'the first job to be queued',
      async () => {
        const ids = await own.record.jobIds();
        return (await own.record.statuses(ids)).includes('queued');
      },
      { timeoutMs: 30_000 },
    );
    once.signal('SIGINT');
    expect(await once.exited).toEqual({ code: 0, signal: null });
    const poller = own.start('poller', []);
    await poller.waitForLine(/^file:auto\.ndjson: 0 new, 0 updated, 3 unchanged, 0 rejected$/, 30_000);
    expect(await poller.stop()).toEqual({ code: 0, signal: null });
  }));
