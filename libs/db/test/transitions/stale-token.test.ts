// The fence: what a worker writes under a token that no longer holds the row changes nothing and writes no event; and what
// an operator asks of a job in the wrong status changes nothing. Over all transitions, so that none can be forgotten.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/lifecycle/outcome.ts';
import { MOVES, STATUSES, type Status } from '../../src/lifecycle/status.ts';
import {
  claimed,
  errorOf,
  holderOf,
  jobIn,
  leaseRunsOut,
  openRecord,
  processing,
  stageOf,
  workerLost,
  type TestRecord,
} from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

interface Held {
  readonly jobId: string;
  readonly token: string;
}
type Settling = Exclude<Outcome, { kind: 'stale' }>;

const OUTCOMES: Record<string, Settling> = {
  processed: { kind: 'processed', last: undefined },
  'processed with a last stage': { kind: 'processed', last: stageOf('last') },
  'a retry that spends': { kind: 'retry', delaySeconds: 0, spendsAttempt: true, error: errorOf() },
  'a retry that waits': { kind: 'retry', delaySeconds: 5, spendsAttempt: false, error: errorOf() },
  failed: { kind: 'failed', error: errorOf() },
  cancelled: { kind: 'cancelled' },
  'given back': { kind: 'given_back', reason: 'shutdown' },
};
const settleAs = async (held: Held, outcome: Settling): Promise<string | undefined> =>
  (await record.repo.settle([{ ...held, outcome }]))[0]?.verdict;

/** Everything that a worker writes, each with its answer. */
const WRITES: Record<string, (held: Held) => Promise<string | undefined>> = {
  checkpoint: async (held) => (await record.repo.checkpoint([{ ...held, record: stageOf('match') }]))[0],
  renew: async (held) => {
    const answer = await record.repo.tick([{ ...held, stage: 'match' }], [held.token], holderOf());
    return answer.renewed.get(held.token);
  },
  ...Object.fromEntries(
    Object.entries(OUTCOMES).map(([name, outcome]) => [`settle: ${name}`, (held: Held) => settleAs(held, outcome)]),
  ),
};

/** How a token comes to be stale. */
const STALE: Record<string, () => Promise<Held>> = {
  'was taken over by another': async () => {
    const lost = await processing(record);
    await leaseRunsOut(record, lost.jobId);
    await record.repo.expire([], 3);
    await claimed(record, lost.jobId);
    return lost;
  },
  'has expired': () => workerLost(record),
  'was given back, and another has it': async () => {
    const before = await processing(record);
    await settleAs(before, { kind: 'given_back', reason: 'shutdown' });
    await claimed(record, before.jobId);
    return before;
  },
  'was answered that the job runs alone': async () => {
    const { jobId } = await workerLost(record);
    const token = randomUUID();
    expect(await record.repo.claim([{ jobId, token }], holderOf())).toEqual([{ verdict: 'alone' }]);
    return { jobId, token };
  },
  'never claimed a queued job': async () => ({ jobId: await jobIn(record, 'queued'), token: randomUUID() }),
  'never claimed a job that another has': async () => ({
    jobId: await jobIn(record, 'processing'),
    token: randomUUID(),
  }),
  'never claimed a discovered job': async () => ({ jobId: await jobIn(record, 'discovered'), token: randomUUID() }),
  'names a job that is not there': () => Promise.resolve({ jobId: randomUUID(), token: randomUUID() }),
  'failed, and was retried by an operator': async () => {
    const before = await processing(record);
    await settleAs(before, { kind: 'failed', error: errorOf() });
    await record.repo.retry([before.jobId], { kind: 'last_good' }, 'test');
    return before;
  },
  'failed, and was discarded': async () => {
    const before = await processing(record);
    await settleAs(before, { kind: 'failed', error: errorOf() });
    await record.repo.discard([before.jobId], 'test');
    return before;
  },
};

describe.each(Object.entries(STALE))('a token that %s', (_how, arrange) => {
  it.each(Object.entries(WRITES))('changes no row and writes no event by %s', async (_name, write) => {
    const held = await arrange();
    const before = await record.everything();
    // A row that is not there cannot be told from one that is locked by another: renew has no verdict of it.
    expect(['stale', 'busy']).toContain(await write(held));
    expect(await record.everything()).toBe(before);
  });
});

describe.each(Object.entries(OUTCOMES))('a token that was settled as %s', (_name, first) => {
  const others = Object.entries(WRITES).filter(([name]) => !name.startsWith(`settle: `));
  const settles = Object.entries(OUTCOMES).filter(([, outcome]) => outcome.kind !== first.kind);
  it.each([
    ...others,
    ...settles.map(([name, outcome]) => [`settle: ${name}`, (held: Held) => settleAs(held, outcome)] as const),
  ])('changes no row and writes no event by %s', async (_write, write) => {
    const held = await processing(record);
    expect(await settleAs(held, first)).toBe('done');
    const before = await record.everything();
    expect(await write(held)).toBe('stale');
    expect(await record.everything()).toBe(before);
  });
});

it('a stale token in one batch with good ones spoils none of them, and a job held anew by the same process is not taken for the old claim', async () => {
  const old = await processing(record);
  await leaseRunsOut(record, old.jobId);
  await record.repo.expire([], 3);
  const anew = await claimed(record, old.jobId);
  const good = await processing(record);
  const checkpoints = await record.repo.checkpoint(
    [old, anew, good].map(({ jobId, token }) => ({ jobId, token, record: stageOf('match') })),
  );
  expect(checkpoints).toEqual(['stale', 'done', 'done']);
  const ticked = await record.repo.tick(
    [anew, good].map(({ jobId, token }) => ({ jobId, token, stage: null })),
    [],
    holderOf(),
  );
  expect([...ticked.renewed.values()]).toEqual(['renewed', 'renewed']);
  for (const both of [
    [old, anew],
    [anew, old],
  ]) {
    const held = both.map(({ jobId, token }) => ({ jobId, token, stage: null }));
    const { renewed } = await record.repo.tick(held, [], holderOf());
    expect([renewed.get(old.token), renewed.get(anew.token)]).toEqual(['stale', 'renewed']);
  }
  const settled = await record.repo.settle(
    [old, anew, good].map(({ jobId, token }) => ({ jobId, token, outcome: { kind: 'processed', last: undefined } })),
  );
  expect(settled.map((answer) => answer.verdict)).toEqual(['stale', 'done', 'done']);
  expect(settled[0]).toMatchObject({ verdict: 'stale', status: null });
});

const HOW = { kind: 'last_good' } as const;
/** Every move that is not a worker's write under a token. */
const ASKS: Record<
  Exclude<keyof typeof MOVES, 'renew' | 'checkpoint' | 'settle' | 'giveBack'>,
  (jobId: string) => Promise<unknown>
> = {
  enqueue: (jobId) => record.repo.enqueue([{ jobId, call: 0 }], 0),
  claim: (jobId) => record.repo.claim([{ jobId, token: randomUUID() }], holderOf()),
  expire: () => record.repo.expire([], 3),
  cancel: (jobId) => record.repo.cancel([jobId], 'test'),
  retry: (jobId) => record.repo.retry([jobId], HOW, 'test'),
  discard: (jobId) => record.repo.discard([jobId], 'test'),
  // Others wait too: a page which ends before the first of them holds this job alone, if any.
  clear: async (jobId) => record.repo.clear((await record.row(jobId)).queue_seq ?? 0, 1000, 'test'),
};
const WRONG = Object.entries(ASKS).flatMap(([move, ask]) => {
  const { from } = MOVES[move as keyof typeof ASKS]; // the keys of ASKS are those of MOVES
  return STATUSES.filter((status) => !(from as readonly Status[]).includes(status)).map((status) => ({
    move,
    status,
    ask,
  }));
});

describe('a move from a status which it does not start from', () => {
  it.each(WRONG)(
    'changes no row and writes no event: $move of a job that is $status',
    async ({ move, status, ask }) => {
      await record.repo.clear(await record.repo.lastQueueSeq(), 10_000, 'test');
      const jobId = await jobIn(record, status);
      const before = await record.everything();
      await ask(jobId);
      if (move === 'cancel' && status === 'processing') {
        // The one thing a wrong status takes: the wish. Nothing moves, nothing is told yet.
        const row = await record.row(jobId);
        expect(row).toMatchObject({ status: 'processing', attempt: 1 });
        expect(row.cancel_requested_at).not.toBeNull();
        expect(await record.told(jobId)).toEqual(['discovered', 'queued', 'claimed']);
      } else expect(await record.everything()).toBe(before);
    },
  );
});
