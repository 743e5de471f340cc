import { systemClock } from '@jobhive/config';
import { PostgresAwayError } from '@jobhive/db';
import { waitFor } from '@jobhive/test-kit';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPoller } from '../src/poller.ts';
import type { LoopParts } from '../src/source-loop.ts';
import { createSourceLease, LEASE_MS } from '../src/source-lease.ts';
import { SourceError, type Source } from '../src/sources/source.ts';
import { listen, pollParts, posting, sourceOf, testRecord, type Heard, type TestRecord } from './record.ts';

let record: TestRecord;
let heard: Heard;
let pollers: ReturnType<typeof createPoller>[] = [];
beforeAll(async () => {
  record = await testRecord();
});
afterAll(() => record.end());
beforeEach(async () => {
  heard = listen();
  await record.client.query('truncate jobs, application_tracking, job_events, source_states, leases cascade');
});
afterEach(async () => {
  await Promise.all(pollers.map((poller) => poller.stop()));
  pollers = [];
});

type Lines = readonly string[];

async function start(sources: readonly Source[], more: Partial<LoopParts> = {}): Promise<Lines> {
  const parts = pollParts(record, heard);
  const poller = createPoller(sources, {
    ...parts,
    repository: record.repository,
    holder: randomUUID(),
    intervalSeconds: 0.05,
    clock: systemClock,
    random: () => 0.5,
    ...more,
  });
  pollers.push(poller);
  await poller.start();
  return parts.lines;
}
const leases = () => record.count('select count(*) from leases');
const SUM = /^file:/;

describe('a poller', () => {
  it('polls at once, and again after each interval', async () => {
    let next = 0;
    const lines = await start([sourceOf('file:x', () => [posting((next += 1))])]);
    await waitFor('three polls', () => lines.filter((line) => SUM.test(line)).length >= 3, { describe: heard.text });
    expect(lines.slice(0, 3)).toEqual(Array(3).fill('file:x: 1 new, 0 updated, 0 unchanged, 0 rejected'));
  });

  it('does not let one source wait for another', async () => {
    const slow: Source = {
      ...sourceOf('file:slow', []),
      entries: async function* (signal) {
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        });
        yield* [];
      },
    };
    const lines = await start([slow, sourceOf('file:x', [])]);
    await waitFor('a poll of the other', () => lines.length > 1);
  });

  it('stops in order: leaves its leases, at any time, and can be stopped twice', async () => {
    const poller = createPoller([sourceOf('file:x', [])], {
      ...pollParts(record, heard),
      repository: record.repository,
      holder: randomUUID(),
      intervalSeconds: 300,
      clock: systemClock,
      random: () => 0,
    });
    await poller.stop();
    expect(heard.events()).toEqual([]);
    await start([sourceOf('file:y', [])], { intervalSeconds: 300 });
    await waitFor('its lease', async () => (await leases()) === 1);
    const [running] = pollers;
    await running?.stop();
    await running?.stop();
    expect(await leases()).toBe(0);
    expect(heard.events().at(-1)).toBe('poller.stopped');
  });

  it('leaves a source to the poller that has it, and takes over in its rhythm once that one is gone', async () => {
    const first = await start([sourceOf('file:x', [])], { intervalSeconds: 4 });
    await waitFor('the first poll', () => first.length === 1);
    let refused = 0;
    const takeLease: LoopParts['repository']['takeLease'] = async (...args) => {
      const term = await record.repository.takeLease(...args);
      if (term === undefined) refused += 1;
      return term;
    };
    const repository = { ...record.repository, takeLease };
    const second = await start([sourceOf('file:x', [])], { intervalSeconds: 4, repository });
    await waitFor('the second to stand by', () => refused > 0);
    const [living] = pollers;
    await living?.stop();
    const [before] = await record.repository.sourceStates();
    await waitFor('a poll by the second', () => second.length === 1, { describe: heard.text });
    const [after] = await record.repository.sourceStates();
    expect(after?.lastSuccess?.getTime()).toBeGreaterThanOrEqual(before?.nextPoll?.getTime() ?? Infinity);
  });

  it('goes on after a source failed', async () => {
    let polls = 0;
    const source: Source = {
      ...sourceOf('file:x', []),
      entries: async function* () {
        polls += 1;
        await Promise.resolve();
        if (polls === 1) throw new SourceError('not there yet');
        yield* [];
      },
    };
    const lines = await start([source]);
    await waitFor('a poll that succeeds', () => lines.includes('file:x: 0 new, 0 updated, 0 unchanged, 0 rejected'));
    await waitFor('no error on record', async () => (await record.repository.sourceStates())[0]?.error === null);
    expect(heard.events()).toContain('poll.failed');
  });

  it('waits while Postgres is away, says so once, and goes on by itself', async () => {
    let asked = 0;
    const takeLease: LoopParts['repository']['takeLease'] = (...args) => {
      asked += 1;
      if (asked <= 4) return Promise.reject(new PostgresAwayError(undefined, 'x'));
      return record.repository.takeLease(...args);
    };
    const lines = await start([sourceOf('file:x', [])], { repository: { ...record.repository, takeLease } });
    await waitFor('a poll', () => lines.length > 0, { describe: heard.text });
    await waitFor('the news', () => heard.events().includes('postgres.back'));
    expect(heard.events().filter((event) => event === 'postgres.away')).toHaveLength(1);
  });

  it('lives on after a mistake of ours, and tries again after the interval', async () => {
    let asked = 0;
    const lines = await start([sourceOf('file:x', [])], {
      autoEnqueue: true,
      queue: {
        enqueueDiscovered: () => ((asked += 1) === 1 ? Promise.reject(new TypeError('oops')) : Promise.resolve(0)),
      },
    });
    await waitFor('a second poll', () => lines.length > 0, { describe: heard.text });
    expect(heard.events()).toContain('poll.failed');
  });

  it('spreads its polls over a tenth of the interval, to both sides', async () => {
    await start([sourceOf('file:late', [])], { intervalSeconds: 100, random: () => 1 });
    await start([sourceOf('file:early', [])], { intervalSeconds: 100, random: () => 0 });
    const due = await waitFor('both polls', async () => {
      const states = await record.repository.sourceStates();
      return states.length === 2 && states;
    });
    const seconds = due.map(({ source, nextPoll, lastSuccess }) => [
      source,
      Math.round(((nextPoll?.getTime() ?? 0) - (lastSuccess?.getTime() ?? 0)) / 1_000),
    ]);
    expect(seconds).toEqual([
      ['file:early', 90],
      ['file:late', 110],
    ]);
  });
});

describe('the lease of a source', () => {
  it('has one holder at a time', async () => {
    const lease = (holder: string) =>
      createSourceLease('file:x', { repository: record.repository, holder, log: heard.log });
    const [mine, theirs] = [lease(randomUUID()), lease(randomUUID())];
    expect([await mine.take(), await theirs.take(), await mine.take()]).toEqual([true, false, true]);
    await theirs.leave();
    expect(await theirs.take()).toBe(false);
    await mine.leave();
    expect(await theirs.take()).toBe(true);
  });

  it('is renewed while a long poll runs, also where a renewal fails', async () => {
    const taken: number[] = [];
    const takeLease = (_name: string, _holder: string, forMs: number): Promise<number> => {
      taken.push(forMs);
      return taken.length === 1 ? Promise.reject(new Error('busy')) : Promise.resolve(1);
    };
    const lease = createSourceLease('file:x', {
      repository: { takeLease, leaveLease: () => Promise.reject(new Error('away')) },
      holder: randomUUID(),
      log: heard.log,
      renewMs: 5,
    });
    await lease.keepDuring(() => waitFor('two renewals', () => taken.length >= 2));
    expect(taken[1]).toBe(LEASE_MS);
    await expect(lease.leave()).resolves.toBeUndefined();
  });
});
