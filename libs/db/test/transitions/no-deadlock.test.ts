// Rows are locked in the order of their ids, everywhere: all transitions run against each other on many connections, many
// jobs a statement, in random order. No deadlock is even counted by the server, and no error reaches a caller.
import { randomUUID } from 'node:crypto';
import { waitFor } from '@jobhive/test-kit';
import { expect, it, onTestFailed } from 'vitest';
import type { Outcome } from '../../src/lifecycle/outcome.ts';
import { seeded, type Random } from '../seeded.ts';
import { errorOf, holderOf, openRecord, stageOf, type TestRecord } from '../test-record.ts';

const CONNECTIONS = 12;
const JOBS = 40;
const MS = 5000;

interface Storm {
  readonly record: TestRecord;
  readonly random: Random;
  readonly ids: readonly string[];
  readonly externalIds: readonly string[];
  /** Tokens that were won, of any age. */
  readonly tokens: Map<string, string>;
}
type Step = (storm: Storm, some: string[]) => Promise<unknown>;

const OUTCOMES: Exclude<Outcome, { kind: 'stale' }>[] = [
  { kind: 'processed', last: stageOf('last') },
  { kind: 'retry', delaySeconds: 0, spendsAttempt: true, error: errorOf() },
  { kind: 'retry', delaySeconds: 0, spendsAttempt: false, error: errorOf() },
  { kind: 'failed', error: errorOf() },
  { kind: 'cancelled' },
  { kind: 'given_back', reason: 'shutdown' },
];

const held = ({ tokens }: Storm, some: string[]): { jobId: string; token: string; stage: null }[] =>
  some.map((jobId) => ({ jobId, token: tokens.get(jobId) ?? randomUUID(), stage: null }));

/** The later ones keep jobs going round, and so come more often. */
const STEPS: Record<string, Step> = {
  discover: ({ record, random, externalIds }) =>
    record.repo.discover({
      source: 'storm',
      autoEnqueue: true,
      postings: random
        .some([...externalIds, ...Array.from({ length: 5 }, () => `new-${String(random.below(500))}`)], 20)
        .map((external_id) => ({ external_id, title: `title ${String(random.below(9))}`, company: 'Acme' })),
    }),
  retry: ({ record }, some) => record.repo.retry(some, { kind: 'last_good' }, 'storm'),
  discard: ({ record }, some) => record.repo.discard(some, 'storm'),
  cancel: ({ record }, some) => record.repo.cancel(some.slice(0, 3), 'storm'),
  clear: async ({ record, random }) =>
    record.repo.clear(await record.repo.lastQueueSeq(), 1 + random.below(5), 'storm'),
  expire: ({ record }) => record.repo.expire([], 2),
  afterOutage: ({ record }) => record.repo.extendLeasesAfterOutage(10),
  withoutSession: ({ record }) => record.repo.shortenLeasesWithoutSession(0),
  delivered: ({ record }, some) => record.repo.markDelivered(some, 'storm'),
  pause: async ({ record }) => {
    await record.repo.setPaused(true, 'storm');
    await record.repo.setPaused(false, 'storm');
  },
  // Locks one row, and so can be no part of a deadlock by itself: it gives enqueue and clear something to unmark.
  marked: ({ record, random, ids }) =>
    record.sql('UPDATE jobs SET auto_enqueue = true WHERE id = $1', [random.pick(ids)]),
  lease: ({ record }) => record.repo.takeLease('reconciler', randomUUID(), 1),
  tick: (storm, some) =>
    storm.record.repo.tick(held(storm, some), [], holderOf({ leaseMs: 50, sessionKey: BigInt(storm.random.below(9)) })),
  checkpoint: (storm, some) =>
    storm.record.repo.checkpoint(held(storm, some).map((claim) => ({ ...claim, record: stageOf('match') }))),
  enqueue: ({ record, random }, some) =>
    record.repo.enqueue(
      some.map((jobId, call) => ({ jobId, call })),
      random.pick([0, 1_000_000]),
    ),
  settle: (storm, some) =>
    storm.record.repo.settle(held(storm, some).map((claim) => ({ ...claim, outcome: storm.random.pick(OUTCOMES) }))),
  claim: async ({ record, tokens, random }, some) => {
    const asks = some.map((jobId) => ({ jobId, token: randomUUID() }));
    const holder = holderOf({ leaseMs: random.pick([1, 1000]), sessionKey: random.pick([null, 1n]) });
    const answers = await record.repo.claim(asks, holder);
    answers.forEach((answer) => answer.verdict === 'won' && tokens.set(answer.claim.jobId, answer.claim.token));
  },
};
const NAMES = [
  ...Object.keys(STEPS),
  ...['enqueue', 'claim', 'settle', 'tick', 'marked'].flatMap((name) => [name, name]),
];

async function rage(storm: Storm, until: number, done: Map<string, number>): Promise<void> {
  while (performance.now() < until) {
    const name = storm.random.pick(NAMES);
    await STEPS[name]?.(storm, storm.random.some(storm.ids, 20));
    done.set(name, (done.get(name) ?? 0) + 1);
  }
}

it('no transition deadlocks with another', async () => {
  const record = await openRecord(CONNECTIONS);
  const random = seeded(20_260_301);
  onTestFailed(() => {
    console.error(`seed ${String(random.seed)}`);
  });
  const externalIds = Array.from({ length: JOBS }, (_job, n) => `storm-${String(n)}`);
  const postings = externalIds.map((external_id) => ({ external_id, title: 'Engineer', company: 'Acme' }));
  const ids = (await record.repo.discover({ source: 'storm', postings, autoEnqueue: true })).map((job) => job.jobId);
  const storm = { record, random, ids, externalIds, tokens: new Map<string, string>() };
  const done = new Map<string, number>();
  const until = performance.now() + MS;
  await Promise.all(Array.from({ length: CONNECTIONS }, () => rage(storm, until, done)));

  expect([...done.keys()].sort()).toEqual(Object.keys(STEPS).sort());
  await record.db.close(); // a connection that ends has told the server's statistics all it knows
  await waitFor('the connections of the storm to be gone', async () => {
    const text = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'jobhive'`;
    return (await record.client.query(text)).rowCount === 0;
  });
  const counted = await record.client.query<{ deadlocks: string }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  expect(counted.rows).toEqual([{ deadlocks: '0' }]);
  // Every status was seen: the storm was one of jobs that moved, not of refusals.
  const events = await record.client.query<{ event: string }>('SELECT DISTINCT event FROM job_events');
  expect(events.rows.map((row) => row.event)).toEqual(
    expect.arrayContaining([
      'claimed',
      'processed',
      'failed',
      'retried',
      'worker_lost',
      'cancelled',
      'cleared',
      'updated',
    ]),
  );
  await record.close();
});
