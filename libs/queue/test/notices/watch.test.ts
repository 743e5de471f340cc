// The notices while no worker lives. What had gone wrong: only workers looked, so that the death of all of them, of which a
// notice must tell above all, was told by nobody.
import { randomUUID } from 'node:crypto';
import type { Service } from '@jobhive/config';
import { RECONCILER_LEASE } from '@jobhive/db';
import { waitFor } from '@jobhive/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createNoticeWatch } from '../../src/notices/watch.ts';
import { environmentOf, openStores, type Stores } from '../stores.ts';
import { startWebhookReceiver, type WebhookReceiver } from '@jobhive/test-kit';

let stores: Stores;
let receiver: WebhookReceiver;
const watches: Service[] = [];
beforeAll(async () => {
  [stores, receiver] = await Promise.all([openStores(), startWebhookReceiver()]);
});
beforeEach(async () => {
  stores.log.told.length = 0;
  await stores.sql('TRUNCATE notices, leases, jobs CASCADE');
});
afterEach(async () => {
  for (const watch of watches.splice(0)) await watch.stop();
});
afterAll(async () => {
  await receiver.close();
  await stores.stop();
});

/** Of another program each; `looks` counts how often it asked whether a worker leads. */
async function watching(url?: string): Promise<{ readonly looks: number; readonly asked: number }> {
  const open = stores.another();
  await open.redis.ready(5000);
  const told = { looks: 0, asked: 0 };
  const { repository: real } = open;
  const repository = {
    ...real,
    isLeaseHeld: (name: string) => ((told.looks += 1), real.isLeaseHeld(name)),
    idleFacts: () => ((told.asked += 1), real.idleFacts()),
  };
  const hook: Record<string, string> = url === undefined ? {} : { NOTIFY_WEBHOOK_URL: url };
  const environment = environmentOf(stores.redis.url, hook);
  const watch = createNoticeWatch({ environment, open: { ...open, repository }, log: stores.log, everyMs: 20 });
  watches.push(watch);
  await watch.start();
  return told;
}

/** One job in the hands of a worker that died, one that waits since. */
async function leftBehind(): Promise<void> {
  const [inHand = ''] = await stores.queued(2);
  await stores.claim(inHand);
  await stores.sql(`UPDATE application_tracking SET queued_at = now() - interval '1 min' WHERE status = 'queued'`);
  await stores.sql(`UPDATE application_tracking SET started_at = now() - interval '1 min' WHERE status = 'processing'`);
  await stores.sql(`UPDATE job_events SET at = now() - interval '1 min'`);
}
const notices = (): Promise<unknown[]> => stores.sql(`SELECT kind, ended_as FROM notices`);

it('jobs that wait while no worker lives are one notice, of several programs that watch, and it is sent', async () => {
  await leftBehind();
  const two = [await watching(), await watching(receiver.url)]; // the first, which cannot send it, holds the lease
  await waitFor('the notice', () => receiver.received.length > 0, { describe: () => JSON.stringify(stores.log.told) });
  await waitFor('its end', async () => JSON.stringify(await notices()).includes('delivered'));
  const before = two.map(({ looks }) => looks);
  await waitFor('further looks', () => two.every(({ looks }, n) => looks > (before[n] ?? 0) + 2));
  expect(await notices()).toEqual([{ kind: 'stuck', ended_as: 'delivered' }]);
  expect(receiver.received.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([{ kind: 'stuck' }]);
  expect(stores.log.all('notice.stuck', 'notice_id')).toHaveLength(1);
  expect(two.filter(({ asked }) => asked > 0)).toHaveLength(1); // the other holds no lease, and leaves it be
});

it('whoever has no address to send to tells it in the log, and leaves the notice to those who may have one', async () => {
  await leftBehind();
  const told = await watching();
  await waitFor('the line in the log', () => stores.log.all('notice.stuck', 'notice_id').length === 1);
  await stores.sql(`UPDATE notices SET next_attempt_at = now() - interval '1 min'`); // one who only logs would take it by now
  const before = told.looks;
  await waitFor('further looks', () => told.looks > before + 2);
  await watches[0]?.stop();
  expect(await notices()).toEqual([{ kind: 'stuck', ended_as: null }]);
});

it('while a worker leads it is the worker who looks; once that one is gone, the watch does', async () => {
  await leftBehind();
  const worker = randomUUID();
  await stores.open.repository.takeLease(RECONCILER_LEASE, worker, 60_000);
  const told = await watching();
  await waitFor('some looks', () => told.looks > 3);
  expect([told.asked, await notices()]).toEqual([0, []]);
  await stores.open.repository.leaveLease(RECONCILER_LEASE, worker);
  await waitFor('the notice', async () => (await notices()).length === 1);
});

it('its end leaves its lease to the next, and is bounded', async () => {
  const told = await watching();
  await waitFor('a look', async () => told.looks > 0 && (await stores.sql('SELECT FROM leases')).length === 1);
  const from = performance.now();
  await watches[0]?.stop();
  expect(performance.now() - from).toBeLessThan(2000);
  expect(await stores.sql('SELECT FROM leases')).toEqual([]);
});

it('a Postgres that refuses is told, and asked again', async () => {
  await stores.sql('ALTER TABLE leases RENAME TO leases_elsewhere');
  const told = await watching();
  await waitFor('it to be told, and asked again', () => {
    return told.looks > 1 && stores.log.told.some(({ event }) => event === 'notice.outbox_failed');
  });
  await stores.sql('ALTER TABLE leases_elsewhere RENAME TO leases');
});
