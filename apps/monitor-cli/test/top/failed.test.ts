// The failed tab over more dead letters than it shows, as its feed reads them from a real record.
import { randomUUID } from 'node:crypto';
import { readEnvironment, silentLogger, systemClock } from '@jobhive/config';
import { openQueue, type OpenQueue } from '@jobhive/queue';
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { noPaint } from '../../src/print/style.ts';
import { createFeed, type Feed } from '../../src/top/feed.ts';
import { onPress } from '../../src/top/on-press.ts';
import { initialState, ROWS_MAX } from '../../src/top/state.ts';
import { createStore, type Store } from '../../src/top/store.ts';
import { bodyLines } from '../../src/top/view/body-lines.ts';
import { failure, startSystem, type System } from '../system.ts';

let system: System;
let open: OpenQueue;
let store: Store;
let feed: Feed;
let newest: string;
beforeAll(async () => {
  system = await startSystem();
  open = openQueue({ environment: readEnvironment(system.env), log: silentLogger, role: 'operator' });
  await open.redis.ready(5000);
  const ids = await system.discover(ROWS_MAX + 1);
  newest = ids.at(-1) ?? '';
  await system.repository.enqueue(
    ids.map((jobId) => ({ jobId, call: 0 })),
    0,
  );
  const holder = { id: randomUUID(), sessionKey: null, workerName: 'w1', leaseMs: 30_000 };
  const asks = ids.map((jobId) => ({ jobId, token: randomUUID() }));
  await system.repository.claim(asks, holder);
  const failed = asks.map((ask) => ({ ...ask, outcome: failure('TypeError', 'f1') }));
  await system.repository.settle(failed.slice(0, -1));
  await system.repository.settle(
    failed.slice(-1).map((ask) => ({ ...ask, outcome: failure('RangeError', 'f2', 'render') })),
  );
  store = createStore({ ...initialState({ columns: 80, rows: 24 }), tab: 'failed' });
  feed = createFeed(open, store, systemClock);
  feed.start();
}, 60_000);
afterAll(async () => {
  await feed.stop();
  await open.stop();
  await system.stop();
});

function press(...keys: readonly string[]): void {
  for (const key of keys) {
    const { state, effect } = onPress(
      store.state(),
      key === 'enter' || key === 'escape' ? { named: key } : { text: key },
    );
    store.set(state);
    if (effect?.kind === 'look') feed.look();
  }
}
const body = (): string =>
  bodyLines(store.state(), { columns: 80, rows: 19, paint: noPaint, now: new Date() }).join('\n');
const sees = (what: RegExp): Promise<unknown> =>
  waitFor(String(what), () => what.test(body()), { describe: () => Promise.resolve(body()) });

// What had gone wrong: filter and group were looked for among the rows that are shown.
it('says that it shows the oldest; its filter finds the others, and their whole group can be retried', async () => {
  await sees(/^The oldest 200 are shown\. 2 errors: 200 TypeError in match · 1 RangeError in/);
  expect(store.state().seen.failed).toHaveLength(ROWS_MAX);
  press('/', ...'RENDER range', 'enter');
  expect(body()).toBe('reading …');
  await sees(/^2 errors: [^]*› \S+ .*RangeError/);
  expect(store.state().seen.failed?.map(({ job_id }) => job_id)).toEqual([newest]);
  press('R');
  expect(store.state().question).toEqual({ kind: 'retry_group', fingerprint: 'f2', count: 1 });
  press('n', '/', ...' nowhere', 'enter');
  await sees(/^No failed job matches\.$/);
  press('escape');
  await sees(/^The oldest 200 are shown/);
});
