// What a leading process does about notices after a tick: it sees a stuck queue, and clears away what ended long ago; one
// that does not lead asks nothing. Over a real outbox; time is the test's.
import { waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createNotices, type Notices, type NoticesParts } from '../../src/notices/notices.ts';
import { openNotices } from '../../src/notices/open-notices.ts';
import type { NoticeSender } from '../../src/notices/sender.ts';
import { registerWorker, type WorkerReport } from '../../src/workers/registry.ts';
import { openStores, type Stores } from '../stores.ts';

const SWEEP_MS = 600_000;

let stores: Stores;
let nowMs: number;
let asked: string[];
beforeAll(async () => {
  stores = await openStores();
});
beforeEach(async () => {
  nowMs = 0;
  asked = [];
  stores.log.told.length = 0;
  await stores.sql('TRUNCATE notices');
  await stores.sql('DELETE FROM leases'); // when the last one was made
  await stores.open.queue.clear('test');
  await stores.open.queue.resume('test');
  await stores.sql('TRUNCATE system_events');
});
afterAll(() => stores.stop());

/** The real repository, and which questions it was asked. */
function repository(): NoticesParts['repository'] {
  const { repository: real } = stores.open;
  return {
    idleFacts: () => (asked.push('idleFacts'), real.idleFacts()),
    noteStuck: (seconds) => (asked.push('noteStuck'), real.noteStuck(seconds)),
    sweepNotices: (ages) => (asked.push('sweepNotices'), real.sweepNotices(ages)),
  };
}

function noticesOf(given: Partial<NoticesParts> & { woken?: () => void } = {}): Notices {
  const sender: NoticeSender = {
    wake: () => given.woken?.(),
    idle: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
  return createNotices({
    repository: repository(),
    sender,
    slots: () => Promise.resolve(null),
    clock: { now: () => new Date(), monotonicMs: () => nowMs },
    log: stores.log,
    stuckAfterSeconds: 0,
    ...given,
  });
}

const leads = { leads: true, noticesDue: false, paused: false, waiting: true };
const kinds = async (): Promise<unknown[]> => (await stores.sql(`SELECT kind FROM notices`)).map(({ kind }) => kind);
const swept = (count: number): Promise<unknown> =>
  waitFor(`${String(count)} sweeps`, () => asked.filter((one) => one === 'sweepNotices').length === count);

describe('after a tick', () => {
  it('a queue in which jobs wait and nothing is taken is noticed, once', async () => {
    await stores.queued(1);
    const notices = noticesOf();
    notices.look(leads);
    await waitFor('it is told', () => stores.log.all('notice.stuck', 'notice_id').length === 1);
    await swept(1);
    nowMs += SWEEP_MS;
    await waitFor('the next look', () => {
      notices.look(leads); // ignored while the one before is still under way
      return asked.filter((one) => one === 'sweepNotices').length === 2;
    });
    expect(await kinds()).toEqual(['stuck']);
    await notices.stop(100);
  });

  it.each([
    ['none of whose slots is free', { slots: () => Promise.resolve(1) }],
    ['that has not waited for long', { slots: () => Promise.resolve(2), stuckAfterSeconds: 3_600 }],
  ])('a queue %s is not stuck', async (_what, given) => {
    const [inHand = ''] = await stores.queued(2);
    const claim = await stores.claim(inHand);
    const notices = noticesOf(given);
    notices.look(leads);
    await swept(1);
    expect(await kinds()).toEqual([]);
    await notices.stop(100);
    await stores.settle(claim, { kind: 'processed', last: undefined });
  });

  it.each([
    ['is paused', { ...leads, paused: true }],
    ['is empty', { ...leads, waiting: false }],
  ])('where the queue %s it is not asked whether it is stuck', async (_what, tick) => {
    const notices = noticesOf();
    notices.look(tick);
    await swept(1);
    expect(asked).toEqual(['sweepNotices']);
    await notices.stop(100);
  });

  it('whoever does not lead asks nothing, and wakes the sender where notices are due', async () => {
    let woken = 0;
    const notices = noticesOf({ woken: () => (woken += 1) });
    notices.look({ ...leads, leads: false });
    expect(woken).toBe(0);
    notices.look({ ...leads, leads: false, noticesDue: true });
    expect(woken).toBe(1);
    await notices.stop(100);
    expect(asked).toEqual([]);
  });

  it('between its times it asks nothing, and one look at a time is under way', async () => {
    const notices = noticesOf({ stuckAfterSeconds: 30 });
    notices.look(leads);
    notices.look(leads);
    await swept(1);
    await waitFor('the look has ended', () => {
      nowMs += 1;
      notices.look(leads);
      return asked.length === 2;
    });
    expect(asked).toEqual(['idleFacts', 'sweepNotices']);
    await notices.stop(100);
  });
});

describe('clearing away', () => {
  it('says how many notices were given up, and goes on at once where there is more', async () => {
    const answers = [
      { removed: 500, givenUp: 2, more: true },
      { removed: 1, givenUp: 0, more: false },
    ];
    let sweeps = 0;
    const real = repository();
    const sweepNotices = (): Promise<(typeof answers)[number]> => {
      const answer = answers[sweeps] ?? { removed: 0, givenUp: 0, more: false };
      sweeps += 1;
      return Promise.resolve(answer);
    };
    const notices = noticesOf({ repository: { ...real, sweepNotices } });
    await waitFor('the second sweep, with no time gone by', () => {
      notices.look({ ...leads, waiting: false });
      return sweeps === 2;
    });
    expect(stores.log.all('notice.given_up', 'notices')).toEqual([2]);
    await notices.stop(100);
  });

  it('a Postgres that refuses is told, and asked again', async () => {
    const refusing = { ...repository(), idleFacts: () => Promise.reject(new Error('refused')) };
    const notices = noticesOf({ repository: refusing });
    notices.look(leads);
    await waitFor('it is told', () => stores.log.told.some(({ event }) => event === 'notice.outbox_failed'));
    await waitFor('it goes on', () => {
      notices.look({ ...leads, waiting: false });
      return asked.includes('sweepNotices');
    });
    await notices.stop(100);
  });
});

it('what it sees is sent at once', async () => {
  await stores.queued(1);
  let woken = 0;
  const notices = noticesOf({ woken: () => (woken += 1) });
  notices.look(leads);
  await waitFor('the word to the sender', () => woken === 1);
  expect(await kinds()).toEqual(['stuck']);
  await notices.stop(0);
  expect(woken).toBe(1);
});

it('ends within its bound, also where the sender never does', async () => {
  const never = new Promise<void>(() => undefined);
  const notices = noticesOf({ sender: { wake: () => undefined, idle: () => never, stop: () => never } });
  const started = performance.now();
  await notices.stop(50);
  expect(performance.now() - started).toBeLessThan(2_000);
});

describe('as a process opens them', () => {
  const report: WorkerReport = {
    host: 'a host',
    pid: 7,
    since: '2026-01-01T00:00:00.000Z',
    job_id: null,
    stage: null,
    progress: null,
    processed: 0,
    failed: 0,
    slots: 1,
    in_hand: 1,
    mean_ms: 1,
  };
  const waitedForLong = async (): Promise<void> => {
    await stores.sql(`UPDATE application_tracking SET queued_at = now() - interval '1 min' WHERE status = 'queued'`);
    await stores.sql(
      `UPDATE application_tracking SET started_at = now() - interval '1 min' WHERE status = 'processing'`,
    );
    await stores.sql(`UPDATE job_events SET at = now() - interval '1 min'`);
  };
  const open = (): Notices => openNotices({ ...stores, holder: 'a process', log: stores.log });

  it('a queue that nobody takes from is stuck', async () => {
    await stores.queued(1);
    await waitedForLong();
    const notices = open();
    notices.look(leads);
    await waitFor('the notice', async () => (await kinds()).includes('stuck'), {
      describe: async () => JSON.stringify([await stores.open.repository.idleFacts(), stores.log.told]),
    });
    await notices.stop(1_000);
  });

  it('a queue whose workers have all slots taken is not', async () => {
    const registered = await registerWorker(stores.store, stores.keys, { name: 'busy', holder: 'h' }, report);
    const [inHand = ''] = await stores.queued(2);
    await stores.claim(inHand);
    await waitedForLong();
    await stores.sql(
      `INSERT INTO notices (kind, at, ended_at, ended_as) SELECT 'stuck', t, t, 'logged' FROM (SELECT now() - interval '9 days' AS t) o`,
    );
    const notices = open();
    notices.look(leads);
    await waitFor('what ended long ago is gone, so the look is over', async () => (await kinds()).length === 0);
    await notices.stop(1_000);
    expect(stores.log.all('notice.stuck', 'notice_id')).toEqual([]);
    await registered.leave();
  });
});
