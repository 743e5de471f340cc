// A command that a signal finds at work: what is not done is no success, whatever it was at. What had gone wrong: only long
// work told of it; the others ended with 0 and half an answer, or none.
import { ShutdownRequested } from '@jobhive/config';
import { tcpProxy, waitFor } from '@jobhive/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSystem, type Answer, type System } from '../system.ts';

let system: System;
let id: string;
beforeAll(async () => {
  system = await startSystem();
  [id = ''] = await system.discover(1);
});
afterAll(() => system.stop());

const UNKNOWN = '0b8fc9a6-5a3e-4d0c-9a52-3f2f6f0d8a11';
const signal = new ShutdownRequested('SIGTERM');
const told = ({ code, stdout, error }: Answer) => [code, stdout, error?.message];

describe('before its stores answered', () => {
  async function interrupted(words: readonly string[]): Promise<Answer> {
    const silent = await tcpProxy(system.redis.port);
    silent.blackhole(true);
    const end = new AbortController();
    const env = { DATABASE_URL: `postgres://postgres@127.0.0.1:${String(silent.port)}/none` };
    const running = system.run(words, env, end.signal);
    await waitFor('it to ask Postgres', () => silent.connections > 0);
    end.abort(signal);
    const answer = await running;
    await silent.close();
    return answer;
  }

  it.each(['jobs', 'enqueue --discovered', 'retry --all --json', 'migrate'])(
    '%s did nothing, says so, and ends with 1',
    async (line) => {
      expect(told(await interrupted(line.split(' ')))).toEqual([
        1,
        '',
        expect.stringMatching(/^interrupted .*nothing was done/),
      ]);
    },
  );

  it('status --watch, which lasts until a signal, ends with 0', async () => {
    expect((await interrupted(['status', '--watch'])).code).toBe(0);
  });
});

describe('before its answer', () => {
  /** The record is locked until the command was asked to end; then its answer may come. */
  async function interrupted(words: readonly string[], reason: ShutdownRequested): Promise<Answer> {
    const end = new AbortController();
    const lock = await system.database.client.connect();
    try {
      await lock.query('BEGIN; LOCK TABLE jobs, application_tracking IN ACCESS EXCLUSIVE MODE');
      const running = system.run(words, {}, end.signal);
      const waits = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      await waitFor(
        'it to wait for the record',
        async () => (await system.database.client.query(waits)).rows.length > 0,
      );
      end.abort(reason);
      await lock.query('ROLLBACK');
      return await running;
    } finally {
      lock.release();
    }
  }

  it.each(['jobs --json', 'jobs --ndjson', `cancel ${UNKNOWN}`, 'failed'])(
    '%s ends with 1 and says nothing later',
    async (line) => {
      expect(told(await interrupted(line.split(' '), signal))).toEqual([
        1,
        '',
        expect.stringMatching(/^interrupted before it was done/),
      ]);
    },
  );

  it('ends with 0 where it was not a signal but its reader who went', async () => {
    const went = new ShutdownRequested('the reader', { readerWent: true });
    expect((await interrupted(['why', id], went)).code).toBe(0);
  });
});
