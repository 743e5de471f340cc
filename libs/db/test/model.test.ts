// The life of a few jobs, thousands of random steps through the real statements, with tokens of any age. After each step
// what the record promises holds: a status changes along MOVES only, each change has one event of its kind, an attempt
// is a claim that counted, a token stands only where a claim put it, and who does not hold the row changes nothing.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest';
import type { Outcome } from '../src/lifecycle/outcome.ts';
import { MOVES, type Status } from '../src/lifecycle/status.ts';
import { seeded, type Random } from './seeded.ts';
import {
  discovered,
  errorOf,
  holderOf,
  openRecord,
  stageOf,
  type TestRecord,
  type TrackingRow,
} from './test-record.ts';

const JOBS = 6;
const STEPS = 3000;
const RETRIES_MAX = 2;

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

type Move = keyof typeof MOVES;
interface Token {
  readonly jobId: string;
  readonly token: string;
}
interface World {
  readonly random: Random;
  readonly ids: readonly string[];
  /** All that were ever asked for: those that won in their order, the others before them. */
  readonly tokens: Token[];
  paused: boolean;
  /** Of the last claims. */
  runsAlone: boolean;
}

const OUTCOMES: Exclude<Outcome, { kind: 'stale' }>[] = [
  { kind: 'processed', last: stageOf('last') },
  { kind: 'retry', delaySeconds: 0, spendsAttempt: true, error: errorOf() },
  { kind: 'retry', delaySeconds: 3600, spendsAttempt: true, error: errorOf() },
  { kind: 'retry', delaySeconds: 0, spendsAttempt: false, error: errorOf() },
  { kind: 'failed', error: errorOf() },
  { kind: 'cancelled' },
  { kind: 'given_back', reason: 'shutdown' },
];

/** A token to write under: mostly the newest of some job, sometimes any, sometimes one that nobody asked for. */
function anyToken({ random, ids, tokens }: World): Token {
  const jobId = random.pick(ids);
  const own = tokens.filter((token) => token.jobId === jobId);
  const dice = random.next();
  if (own.length === 0 || dice < 0.05) return { jobId, token: randomUUID() };
  return dice < 0.25 ? random.pick(own) : (own.at(-1) ?? random.pick(own));
}

const STEPS_BY_MOVE: Record<Move | 'pause', (world: World) => Promise<unknown>> = {
  enqueue: ({ random, ids }) =>
    record.repo.enqueue(
      random.some(ids, 3).map((jobId, call) => ({ jobId, call })),
      random.pick([0, 1_000_000]),
    ),
  claim: async (world) => {
    const { random, ids, tokens } = world;
    const old = anyToken(world);
    const asked = random.next() < 0.2 ? [old] : random.some(ids, 3).map((jobId) => ({ jobId, token: randomUUID() }));
    const runsAlone = random.next() < 0.8;
    const asks = asked.map((ask) => ({ ...ask, runsAlone }));
    world.runsAlone = runsAlone;
    const answers = await record.repo.claim(asks, holderOf({ leaseMs: random.pick([-1, 60_000, 60_000, 60_000]) }));
    tokens.unshift(...asks.filter((_ask, i) => answers[i]?.verdict !== 'won'));
    tokens.push(...asks.filter((_ask, i) => answers[i]?.verdict === 'won'));
  },
  renew: (world) => {
    const { jobId, token } = anyToken(world);
    return record.repo.tick([{ jobId, token, stage: 'match' }], [token], holderOf());
  },
  checkpoint: (world) =>
    record.repo.checkpoint([{ ...anyToken(world), record: stageOf(world.random.pick(['one', 'two'])) }]),
  settle: (world) => record.repo.settle([{ ...anyToken(world), outcome: world.random.pick(OUTCOMES) }]),
  giveBack: (world) =>
    record.repo.settle([{ ...anyToken(world), outcome: { kind: 'given_back', reason: 'postgres_away' } }]),
  expire: ({ random, tokens }) =>
    record.repo.expire(random.next() < 0.3 ? tokens.slice(-5).map(({ token }) => token) : [], RETRIES_MAX),
  cancel: ({ random, ids }) => record.repo.cancel(random.some(ids, 2), 'model'),
  retry: ({ random, ids }) =>
    record.repo.retry(
      random.some(ids, 3),
      random.pick([{ kind: 'last_good' }, { kind: 'start' }, { kind: 'stage', name: 'one' }] as const),
      'model',
    ),
  discard: ({ random, ids }) => record.repo.discard(random.some(ids, 2), 'model'),
  clear: async ({ random }) => record.repo.clear(await record.repo.lastQueueSeq(), 1 + random.below(2), 'model'),
  pause: async (world) => {
    world.paused = !world.paused;
    await record.repo.setPaused(world.paused, 'model');
  },
};
/** How often each is drawn: jobs have to move on, not only to be swept away. */
const WEIGHTS: Record<keyof typeof STEPS_BY_MOVE, number> = {
  enqueue: 6,
  claim: 12,
  renew: 4,
  checkpoint: 4,
  settle: 10,
  giveBack: 2,
  expire: 3,
  cancel: 1,
  retry: 3,
  discard: 3,
  clear: 1,
  pause: 1,
};
const DRAWN = Object.entries(WEIGHTS).flatMap(([move, weight]) => Array<string>(weight).fill(move));

interface Seen {
  readonly rows: Map<string, TrackingRow>;
  readonly events: { job_id: string; id: string; event: string }[];
}

async function look(afterId: string): Promise<Seen> {
  const found = await record.client.query<{
    rows: (TrackingRow & { job_id: string })[];
    events: Seen['events'] | null;
  }>(
    `SELECT (SELECT jsonb_agg(to_jsonb(t)) FROM application_tracking t) AS rows,
      (SELECT jsonb_agg(jsonb_build_object('job_id', job_id, 'id', id::text, 'event', event) ORDER BY id) FROM job_events WHERE id > $1::bigint) AS events`,
    [afterId],
  );
  const { rows = [], events = [] } = found.rows[0] ?? {};
  return { rows: new Map(rows.map((row) => [row.job_id, row])), events: events ?? [] };
}

/** Events that tell of a status; the others tell of something that happened within one. */
const TELLS: Record<string, (before: Status, after: Status) => boolean> = {
  queued: (before, after) => after === 'queued' && before !== 'processing',
  retried: (before, after) => before === 'failed' && after === 'queued',
  claimed: (before, after) => before === 'queued' && after === 'processing',
  processed: (before, after) => before === 'processing' && after === 'processed',
  failed: (before, after) => before === 'processing' && after === 'failed',
  retry_scheduled: (before, after) => before === 'processing' && after === 'queued',
  given_back: (before, after) => before === 'processing' && after !== 'processing',
  worker_lost: (before, after) => before === 'processing' && after !== 'processing',
  cancelled: (_before, after) => after === 'cancelled',
  discarded: (before, after) => before === 'failed' && after === 'cancelled',
  cleared: (before, after) => before === 'queued' && after === 'discovered',
};

function expectMove(move: string, before: TrackingRow, after: TrackingRow): void {
  const allowed = MOVES[move as Move]; // only moves change a status; pause has none and fails here
  expect(allowed.from as readonly Status[], 'from').toContain(before.status);
  expect(allowed.to as readonly Status[], 'to').toContain(after.status);
}

function expectEvents(before: TrackingRow, after: TrackingRow, events: string[]): void {
  const telling = events.filter((event) => event in TELLS);
  const moved = before.status !== after.status;
  // An expiry or a give-back that ends the job has two: how it came, and what it led to.
  const ends = telling.filter((event) => !['worker_lost', 'given_back'].includes(event));
  const ways = telling.length - ends.length;
  expect(ends.length + ways, 'events for a change').toBe(moved ? (ends.length === 1 && ways === 1 ? 2 : 1) : 0);
  for (const event of telling) expect(TELLS[event]?.(before.status, after.status), `${event} tells of it`).toBe(true);
}

function expectToken(before: TrackingRow, after: TrackingRow): void {
  if (after.claim_token === null) expect(after.settled_as, 'no token, nothing settled').toBeNull();
  else
    expect(after.status === 'processing', 'a token that is not settled is in processing').toBe(
      after.settled_as === null,
    );
  if (after.claim_token !== before.claim_token && after.claim_token !== null) {
    expect([before.status, after.status], 'a token comes by a claim').toEqual(['queued', 'processing']);
  }
  expect(after.lease_until !== null, 'a lease is there in processing only').toBe(after.status === 'processing');
  expect(after.holder !== null, 'a holder is there in processing only').toBe(after.status === 'processing');
}

function expectAttempt(before: TrackingRow, after: TrackingRow): void {
  const claimed = before.status === 'queued' && after.status === 'processing';
  const fresh = after.attempt === 0 && ['discovered', 'queued'].includes(after.status);
  const unspent =
    before.status === 'processing' && after.status !== 'processing' && after.attempt === before.attempt - 1;
  if (claimed) expect(after.attempt, 'a claim counts one').toBe(before.attempt + 1);
  else if (!fresh && !unspent) expect(after.attempt, 'nothing else counts').toBe(before.attempt);
  expect(after.attempt).toBeGreaterThanOrEqual(0);
}

it(`holds what the record promises over ${String(STEPS)} random steps`, async () => {
  const random = seeded(7_041_777);
  const world: World = { random, ids: await discovered(record, JOBS), tokens: [], paused: false, runsAlone: false };
  let step = 0;
  let move = '';
  onTestFailed(() => {
    console.error(`JOBHIVE_SEED=${String(random.seed)} step ${String(step)}: ${move}`);
  });
  let before = await look('0');
  let lastId = before.events.at(-1)?.id ?? '0';
  const claims = new Map<string, number>();
  const seen = new Set<string>();
  for (step = 0; step < STEPS; step += 1) {
    move = random.pick(DRAWN);
    await STEPS_BY_MOVE[move as Move](world); // DRAWN holds its keys
    const after = await look(lastId);
    lastId = after.events.at(-1)?.id ?? lastId;
    for (const jobId of world.ids) {
      const [was, is] = [before.rows.get(jobId), after.rows.get(jobId)];
      if (was === undefined || is === undefined) throw new Error('a row is gone');
      const events = after.events.filter((event) => event.job_id === jobId).map((event) => event.event);
      if (was.status !== is.status) expectMove(move, was, is);
      expectEvents(was, is, events);
      expectToken(was, is);
      expectAttempt(was, is);
      if (was.status === 'queued' && is.status === 'processing')
        expect(was.runs_alone && !world.runsAlone, 'a suspect is claimed by who runs alone').toBe(false);
      if (events.includes('queued') || events.includes('retried') || events.includes('cleared')) claims.set(jobId, 0);
      if (events.includes('claimed')) claims.set(jobId, (claims.get(jobId) ?? 0) + 1);
      expect(is.attempt, 'never more attempts than claims').toBeLessThanOrEqual(claims.get(jobId) ?? 0);
      events.forEach((event) => seen.add(event));
    }
    before = after;
  }
  expect([...seen].sort(), 'the steps led everywhere').toEqual([...Object.keys(TELLS), 'stage_finished'].sort());
});
