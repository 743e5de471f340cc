// The outbox over a real Postgres and a real receiver with faults: each notice arrives, at least once under one id, and a
// job's notices in their order. Time is the test's: the sender's clock is moved, and what is tried again becomes due.
import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createPost } from '../../src/notices/post.ts';
import { createNoticeSender, type NoticeSender } from '../../src/notices/sender.ts';
import { errorOf, openStores, type Stores } from '../stores.ts';
import { startWebhookReceiver, type Manner, type WebhookReceiver } from '@jobhive/test-kit';

const SECRET = 'a-secret-of-the-webhook';
const TIMEOUT_MS = 150;
const SEED = Number(process.env['JOBHIVE_SEED'] ?? 7);

let stores: Stores;
let receiver: WebhookReceiver;
let nowMs = 0;
let senders: NoticeSender[] = [];
beforeAll(async () => {
  [stores, receiver] = await Promise.all([openStores(), startWebhookReceiver()]);
});
beforeEach(async () => {
  for (const sender of senders) await sender.stop();
  senders = [];
  await stores.sql('TRUNCATE notices');
  await stores.sql('DELETE FROM leases');
  receiver.manner = 'takes';
});
afterAll(async () => {
  for (const sender of senders) await sender.stop();
  await receiver.close();
  await stores.stop();
});

interface Sent {
  readonly id: string;
  readonly kind: string;
  readonly job_id: string | null;
  readonly fingerprint: string | null;
  readonly count?: number;
  readonly job_ids?: string[];
}
const sentSince = (from: number): Sent[] => receiver.received.slice(from).map(({ body }) => JSON.parse(body) as Sent); // as body.ts writes it

function sender(posting = true): NoticeSender {
  const clock = { now: () => new Date(), monotonicMs: () => nowMs };
  const post = posting ? createPost({ url: receiver.url, secret: SECRET, clock, timeoutMs: TIMEOUT_MS }) : undefined;
  const made = createNoticeSender({
    repository: stores.open.repository,
    post,
    holder: randomUUID(),
    clock,
    log: stores.log,
  });
  senders.push(made);
  return made;
}
/** One look at the outbox, as after a tick, to its end. */
async function look(one: NoticeSender): Promise<void> {
  one.wake();
  await one.idle();
}
/** Everything's time has come: of tries, of bursts, of the receiver's rest. */
async function timePasses(): Promise<void> {
  nowMs += 15_000;
  await stores.sql(`UPDATE notices SET next_attempt_at = clock_timestamp() - interval '10 s' WHERE ended_at IS NULL`);
}
async function failAgain(jobId: string, fingerprint: string): Promise<void> {
  await stores.open.repository.retry([jobId], { kind: 'start' }, 'test');
  await stores.settle(await stores.claim(jobId), { kind: 'failed', error: errorOf({ fingerprint }) });
}
const pending = async () =>
  (await stores.sql(`SELECT FROM notices WHERE ended_at IS NULL AND gathered_into IS NULL`)).length;

it('a notice is sent once, signed, with the keys of the contract', async () => {
  const from = receiver.received.length;
  const jobId = await stores.failed({ fingerprint: 'f1' });
  await look(sender());
  expect(sentSince(from)).toEqual([
    {
      id: expect.any(String) as string,
      kind: 'dead_letter',
      job_id: jobId,
      fingerprint: 'f1',
      at: expect.stringMatching(/Z$/) as string,
    },
  ]);
  const { body, headers } = receiver.received[from] ?? {};
  const time = String(headers?.['x-jobhive-timestamp']);
  expect(headers?.['x-jobhive-signature']).toBe(
    `sha256=${createHmac('sha256', SECRET)
      .update(`${time}.${body ?? ''}`)
      .digest('hex')}`,
  );
  expect(await pending()).toBe(0);
});

it('whatever the receiver does, each arrives, under one id, and a job’s in their order', async () => {
  const from = receiver.received.length;
  const ids: string[] = [];
  for (let n = 0; n < 12; n += 1) ids.push(await stores.failed({ fingerprint: `a${String(n)}` }));
  const random = seeded(SEED);
  const manners: (Manner | 'away')[] = ['takes', 'refuses', 'slow', 'cuts', 'away', 'moved'];
  const one = sender();
  for (let round = 0; round < 14; round += 1) {
    const manner = manners[Math.floor(random() * manners.length)] ?? 'takes';
    if (manner === 'away') await receiver.close();
    else receiver.manner = manner;
    const jobId = ids[Math.floor(random() * ids.length)] ?? '';
    await failAgain(jobId, `r${String(round)}`);
    await look(one);
    if (manner === 'away') await receiver.open();
    await timePasses();
  }
  receiver.manner = 'takes';
  for (let rounds = 0; (await pending()) > 0; rounds += 1) {
    expect(rounds, `seed ${String(SEED)}`).toBeLessThan(20);
    await look(one);
    await timePasses();
  }
  const made = await stores.sql<{ id: string; job_id: string }>('SELECT id, job_id FROM notices ORDER BY seq');
  expect(made).toHaveLength(26);
  const arrived = sentSince(from);
  const firsts = arrived.filter(({ id }, n) => arrived.findIndex((other) => other.id === id) === n);
  expect(new Set(firsts.map(({ id }) => id))).toEqual(new Set(made.map(({ id }) => id)));
  const ofJob = (all: readonly { id: string; job_id: string | null }[], jobId: string): string[] =>
    all.filter((one) => one.job_id === jobId).map((one) => one.id);
  for (const jobId of ids) expect(ofJob(firsts, jobId), `seed ${String(SEED)}`).toEqual(ofJob(made, jobId));
}, 60_000);

it('a receiver that takes nothing is left alone for a while, not asked for each notice', async () => {
  for (let n = 0; n < 30; n += 1) await stores.failed({ fingerprint: `x${String(n)}` });
  receiver.manner = 'refuses';
  const from = receiver.received.length;
  const one = sender();
  await look(one);
  expect(sentSince(from)).toHaveLength(8);
  await look(one);
  expect(sentSince(from)).toHaveLength(8);
  nowMs += 1000;
  receiver.manner = 'takes';
  await look(one);
  expect(sentSince(from)).toHaveLength(30);
  expect(receiver.atOnceMax).toBeLessThanOrEqual(8);
});

it('one that refuses a single notice gets all the others', async () => {
  const [bad = ''] = await Promise.all([stores.failed({ fingerprint: 'bad' })]);
  const one = sender();
  receiver.manner = 'refuses';
  await look(one);
  receiver.manner = 'takes';
  for (let n = 0; n < 3; n += 1) await stores.failed({ fingerprint: `good${String(n)}` });
  nowMs += 1000;
  const from = receiver.received.length;
  await look(one);
  expect(sentSince(from).filter(({ job_id }) => job_id !== bad)).toHaveLength(3);
});

it('beyond 20 of one fingerprint the rest is told by one burst, which names each job', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 50; n += 1) ids.push(await stores.failed({ fingerprint: 'storm' }));
  const from = receiver.received.length;
  const one = sender();
  await look(one);
  expect(sentSince(from).map(({ kind }) => kind)).toEqual(Array(20).fill('dead_letter'));
  expect(stores.log.all('notice.burst', 'fingerprint')).toEqual(['storm']);
  await timePasses();
  await look(one);
  const sent = sentSince(from);
  const burst = sent.at(-1);
  expect([sent.length, burst?.kind, burst?.count, burst?.fingerprint, burst?.job_id]).toEqual([
    21,
    'burst',
    30,
    'storm',
    null,
  ]);
  const told = [...sent.slice(0, 20).map(({ job_id }) => job_id), ...(burst?.job_ids ?? [])];
  expect(new Set(told)).toEqual(new Set(ids));
  expect(await pending()).toBe(0);
});

it('two processes that send at once send nothing twice, and the second goes on when the first has left', async () => {
  for (let n = 0; n < 10; n += 1) await stores.failed({ fingerprint: `t${String(n)}` });
  const from = receiver.received.length;
  const [a, b] = [sender(), sender()];
  await Promise.all([look(a), look(b)]);
  expect(sentSince(from)).toHaveLength(10);
  await Promise.all([a.stop(), b.stop()]);
  await stores.failed({ fingerprint: 'later' });
  await look(sender());
  expect(sentSince(from)).toHaveLength(11);
});

it('stop ends what is under way, and it is sent by the next', async () => {
  await stores.failed({ fingerprint: 'late' });
  const from = receiver.received.length;
  receiver.manner = 'slow';
  const one = sender();
  one.wake();
  await expect.poll(() => sentSince(from).length).toBe(1);
  await one.stop();
  expect(await stores.sql('SELECT attempts FROM notices')).toEqual([{ attempts: 0 }]);
  receiver.manner = 'takes';
  await look(sender());
  const [first, second] = sentSince(from);
  expect(second?.id).toBe(first?.id);
});

it('without an address they are marked as logged, after those who have one had their time', async () => {
  await stores.failed({ fingerprint: 'quiet' });
  const one = sender(false);
  await look(one);
  expect(await pending()).toBe(1);
  await timePasses();
  await look(one);
  expect(await stores.sql('SELECT ended_as FROM notices')).toEqual([{ ended_as: 'logged' }]);
});

it('no log has the address or the secret', () => {
  const told = JSON.stringify(stores.log.told);
  expect(stores.log.all('notice.not_delivered', 'reason')).toContain('status_500');
  expect(told).not.toContain(SECRET);
  expect(told).not.toContain(new URL(receiver.url).port);
});

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
