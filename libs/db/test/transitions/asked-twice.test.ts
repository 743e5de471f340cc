// An ask whose answer was lost is made again: the end state is the same, one event, one attempt. Also while the first ask
// is not committed yet: the second waits for it, and answers by what it did, never that the claim is stale.
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor } from '../../src/connect/database.ts';
import type { Outcome } from '../../src/lifecycle/outcome.ts';
import { cancel } from '../../src/transitions/cancel.ts';
import { checkpoint } from '../../src/transitions/checkpoint.ts';
import { claim } from '../../src/transitions/claim.ts';
import { clear } from '../../src/transitions/clear.ts';
import { discard } from '../../src/transitions/discard.ts';
import { discover } from '../../src/transitions/discover.ts';
import { enqueue } from '../../src/transitions/enqueue.ts';
import { expire } from '../../src/transitions/expire.ts';
import { retry } from '../../src/transitions/retry.ts';
import { settle } from '../../src/transitions/settle.ts';
import { tick } from '../../src/transitions/tick.ts';
import {
  discovered,
  errorOf,
  failed,
  holderOf,
  leaseRunsOut,
  openRecord,
  processing,
  queued,
  stageOf,
  workerLost,
  type TestRecord,
} from '../test-record.ts';

let record: TestRecord;
beforeAll(async () => {
  record = await openRecord();
});
afterAll(() => record.close());

/** One job, the ask that is made twice, what it is answered, and what its history then holds once. */
interface Case {
  readonly name: string;
  readonly arrange: () => Promise<{ jobId: string; ask: (db: Executor) => Promise<unknown> }>;
  readonly first: unknown;
  readonly second: unknown;
  readonly event: string | undefined;
  readonly attempt: number;
  /** What the second is answered while the first is under way, where it does not wait for it. */
  readonly meanwhile?: unknown;
}

const CLAIMED = 1;
const FRESH = 0;

function settling(name: string, outcome: Exclude<Outcome, { kind: 'stale' }>, event: string, attempt: number): Case {
  return {
    name: `settle: ${name}`,
    arrange: async () => {
      const { jobId, token } = await processing(record);
      return { jobId, ask: async (db) => (await settle(db, [{ jobId, token, outcome }]))[0]?.verdict };
    },
    first: 'done',
    second: 'already',
    event,
    attempt,
  };
}

const CASES: Case[] = [
  settling('processed', { kind: 'processed', last: stageOf('last') }, 'processed', CLAIMED),
  settling(
    'retry',
    { kind: 'retry', delaySeconds: 5, spendsAttempt: true, error: errorOf() },
    'retry_scheduled',
    CLAIMED,
  ),
  settling(
    'retry unspent',
    { kind: 'retry', delaySeconds: 5, spendsAttempt: false, error: errorOf() },
    'retry_scheduled',
    FRESH,
  ),
  settling('failed', { kind: 'failed', error: errorOf() }, 'failed', CLAIMED),
  settling('cancelled', { kind: 'cancelled' }, 'cancelled', CLAIMED),
  settling('given back', { kind: 'given_back', reason: 'shutdown' }, 'given_back', FRESH),
  {
    name: 'checkpoint',
    arrange: async () => {
      const { jobId, token } = await processing(record);
      return { jobId, ask: async (db) => (await checkpoint(db, [{ jobId, token, record: stageOf('match') }]))[0] };
    },
    first: 'done',
    second: 'already',
    event: 'stage_finished',
    attempt: CLAIMED,
  },
  {
    name: 'claim',
    arrange: async () => {
      const [jobId = ''] = await queued(record, 1);
      const token = randomUUID();
      const holder = holderOf();
      return {
        jobId,
        ask: async (db) => {
          const [answer] = await claim(db, [{ jobId, token }], holder);
          return answer?.verdict === 'won' ? ['won', answer.claim.attempt, answer.claim.token === token] : answer;
        },
      };
    },
    first: ['won', 1, true],
    second: ['won', 1, true],
    event: 'claimed',
    attempt: CLAIMED,
  },
  {
    name: 'claim of a suspect by who does not run alone',
    arrange: async () => {
      const { jobId } = await workerLost(record);
      const asks = [{ jobId, token: randomUUID() }];
      return { jobId, ask: async (db) => (await claim(db, asks, holderOf()))[0]?.verdict };
    },
    first: 'alone',
    second: 'alone',
    event: undefined,
    attempt: CLAIMED,
  },
  {
    name: 'enqueue',
    arrange: async () => {
      const [jobId = ''] = await discovered(record, 1);
      return { jobId, ask: async (db) => (await enqueue(db, [{ jobId, call: 0 }], 0))[0]?.verdict };
    },
    first: 'queued',
    second: 'already_queued',
    event: 'queued',
    attempt: FRESH,
  },
  {
    name: 'enqueue within a budget',
    arrange: async () => {
      const [jobId = ''] = await discovered(record, 1);
      return { jobId, ask: async (db) => (await enqueue(db, [{ jobId, call: 0 }], 1000))[0]?.verdict };
    },
    first: 'queued',
    second: 'already_queued',
    event: 'queued',
    attempt: FRESH,
  },
  {
    name: 'retry',
    arrange: async () => {
      const jobId = await failed(record);
      return {
        jobId,
        ask: async (db) => {
          const [answer] = await retry(db, [jobId], { kind: 'last_good' }, 'test');
          return [answer?.verdict, answer?.status];
        },
      };
    },
    first: ['retried', 'queued'],
    second: ['not_failed', 'queued'],
    event: 'retried',
    attempt: FRESH,
  },
  {
    name: 'cancel of a queued job',
    arrange: async () => {
      const [jobId = ''] = await queued(record, 1);
      return { jobId, ask: async (db) => (await cancel(db, [jobId], 'test'))[0]?.verdict };
    },
    first: 'cancelled',
    second: 'already_cancelled',
    event: 'cancelled',
    attempt: FRESH,
  },
  {
    name: 'cancel of a job in processing',
    arrange: async () => {
      const { jobId } = await processing(record);
      return { jobId, ask: async (db) => (await cancel(db, [jobId], 'test'))[0]?.verdict };
    },
    first: 'requested',
    second: 'requested',
    event: undefined,
    attempt: CLAIMED,
  },
  {
    name: 'discard',
    arrange: async () => {
      const jobId = await failed(record);
      return {
        jobId,
        ask: async (db) => {
          const [answer] = await discard(db, [jobId], 'test');
          return [answer?.verdict, answer?.status];
        },
      };
    },
    first: ['discarded', 'cancelled'],
    second: ['not_failed', 'cancelled'],
    event: 'discarded',
    attempt: CLAIMED,
  },
  {
    name: 'clear',
    arrange: async () => {
      const [jobId = ''] = await queued(record, 1);
      const end = await record.repo.lastQueueSeq();
      return { jobId, ask: async (db) => (await clear(db, end, 10_000, 'test')).cleared.includes(jobId) };
    },
    first: true,
    second: false,
    event: 'cleared',
    attempt: FRESH,
  },
  {
    name: 'discover',
    arrange: async () => {
      // The id is known only afterwards: a job of the same source that is already there stands for the history.
      const [jobId = ''] = await discovered(record, 1);
      const { external_id, title, company } = (await record.repo.findJob(jobId))?.row ?? {
        external_id: '',
        title: '',
        company: '',
      };
      const posting = { external_id, title: `${title} II`, company };
      const ask = async (db: Executor): Promise<unknown> =>
        (await discover(db, { source: 'test', postings: [posting], autoEnqueue: false }))[0]?.kind;
      return { jobId, ask };
    },
    first: 'updated',
    second: 'unchanged',
    event: 'updated',
    attempt: FRESH,
  },
  {
    name: 'expire',
    arrange: async () => {
      const { jobId } = await processing(record);
      await leaseRunsOut(record, jobId);
      return { jobId, ask: async (db) => (await expire(db, [], 3)).some((expired) => expired.jobId === jobId) };
    },
    first: true,
    second: false,
    event: 'worker_lost',
    attempt: CLAIMED,
    meanwhile: false,
  },
  {
    name: 'renew',
    arrange: async () => {
      const { jobId, token } = await processing(record);
      const holder = holderOf();
      return {
        jobId,
        ask: async (db) => (await tick(db, [{ jobId, token, stage: null }], [token], holder)).renewed.get(token),
      };
    },
    first: 'renewed',
    second: 'renewed',
    event: undefined,
    attempt: CLAIMED,
    meanwhile: 'busy',
  },
];

async function expectOnce(jobId: string, { event, attempt }: Case, toldBefore: string[]): Promise<void> {
  const told = await record.told(jobId);
  expect(told.slice(toldBefore.length).filter((name) => name !== 'stage_finished' || event === name)).toEqual(
    event === undefined ? [] : [event],
  );
  expect((await record.row(jobId)).attempt).toBe(attempt);
}

/** A lease moves on with each renewal; nothing else may differ. */
async function standing(jobId: string): Promise<unknown> {
  return { ...(await record.row(jobId)), lease_until: null };
}

describe.each(CASES)('$name, asked twice', (once) => {
  it('gives the same end state, one event and one attempt', async () => {
    const { jobId, ask } = await once.arrange();
    const toldBefore = await record.told(jobId);
    expect(await ask(record.db)).toEqual(once.first);
    const after = await standing(jobId);
    expect(await ask(record.db)).toEqual(once.second);
    expect(await standing(jobId)).toEqual(after);
    await expectOnce(jobId, once, toldBefore);
  });

  it('does so while the first is not committed yet', async () => {
    const { jobId, ask } = await once.arrange();
    const toldBefore = await record.told(jobId);
    let second: Promise<unknown> = Promise.resolve();
    const first = await record.db.transaction(async (tx) => {
      const answer = await ask(tx);
      second = ask(record.db);
      if (once.meanwhile === undefined) await record.somebodyWaits();
      else expect(await second).toEqual(once.meanwhile);
      return answer;
    });
    expect(first).toEqual(once.first);
    expect(await second).toEqual(once.meanwhile ?? once.second);
    await expectOnce(jobId, once, toldBefore);
  });

  it('is done by the second alone where the first was rolled back', async () => {
    const { jobId, ask } = await once.arrange();
    const toldBefore = await record.told(jobId);
    const undo = new Error('undo');
    let second: Promise<unknown> = Promise.resolve();
    const first = record.db.transaction(async (tx) => {
      await ask(tx);
      if (once.meanwhile === undefined) {
        second = ask(record.db);
        await record.somebodyWaits();
      }
      throw undo;
    });
    await expect(first).rejects.toBe(undo);
    if (once.meanwhile === undefined) expect(await second).toEqual(once.first);
    // What skips locked rows does not wait for the server to have rolled back: it is asked until it has.
    else await waitFor('the row to be free', async () => isDeepStrictEqual(await ask(record.db), once.first));
    await expectOnce(jobId, once, toldBefore);
  });
});

it('a new posting that two polls discover at once is one job, and both learn its id', async () => {
  const posting = { external_id: randomUUID(), title: 'Engineer', company: 'Acme' };
  const ask = { source: 'test', postings: [posting], autoEnqueue: false };
  let second: ReturnType<typeof discover> = Promise.resolve([]);
  const first = await record.db.transaction(async (tx) => {
    const answers = await discover(tx, ask);
    second = discover(record.db, ask);
    await record.somebodyWaits();
    return answers;
  });
  expect(first.map((answer) => answer.kind)).toEqual(['new']);
  expect(await second).toEqual([{ ...first[0], kind: 'unchanged' }]);
  expect(await record.told(first[0]?.jobId ?? '')).toEqual(['discovered']);
});
