/**
 * What a killed worker had in hand goes on elsewhere long before its lease ends: its session lock tells of its death, whoever
 * leads. Where the leader itself was killed that took up to 7 s, since only the next leader looked at the locks.
 */
import { expect, test } from 'vitest';
import { waitFor, type StartedProgram } from '@jobhive/test-kit';
import { postings } from '../src/postings.ts';
import { withSystem, type System } from '../src/system.ts';

interface AtWork {
  readonly program: StartedProgram;
  readonly jobId: string;
}

/** A worker in the second stage of a job of its own. */
async function atWork(system: System, name: string, jobId: string, query: string): Promise<AtWork> {
  const program = await system.worker(name, [], { DATABASE_URL: `${system.database.url}${query}` });
  await waitFor('a leader', async () => (await system.database.client.query('SELECT FROM leases')).rowCount);
  await system.monitor('enqueue', jobId);
  await system.record.untilEvent(jobId, 'stage_finished');
  return { program, jobId };
}

/** Of the job that the leader works on. */
async function leadersClaim({ database }: System): Promise<{ job_id: string; session_key: string | null }[]> {
  const text = 'SELECT job_id, session_key FROM application_tracking JOIN leases USING (holder)';
  return (await database.client.query<{ job_id: string; session_key: string | null }>(text)).rows;
}

/** Kills the worker and lets the other go on. @returns ms from the kill to the second claim, by the clock of the database */
async function claimedAgainMs(system: System, { program, jobId }: AtWork): Promise<number> {
  const { database, record } = system;
  const { rows } = await database.client.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  program.signal('SIGKILL');
  await system.openGate();
  const claims = await record.untilEvent(jobId, 'claimed', 2, 40_000);
  expect(claims[1]?.attempt).toBe(2);
  return Number(claims[1]?.at) - Number(rows[0]?.now);
}

type Play = (system: System, leader: AtWork, other: AtWork) => Promise<void>;

/** @param query of the workers' DATABASE_URL */
const twoAtWork = (lease: string, query: string, play: Play): Promise<void> =>
  withSystem({ pipeline: 'gated', env: { WORKER_LEASE: lease } }, async (system) => {
    const ids = await system.discover(postings(2));
    const leader = await atWork(system, 'leader', ids[0] ?? '', query);
    await play(system, leader, await atWork(system, 'other', ids[1] ?? '', query));
    await system.record.untilStatus(ids, 'processed');
    expect((await system.ledger()).filter(({ stage }) => stage === 'first')).toHaveLength(2);
  });

test.each(['leader', 'other'] as const)('the %s killed with a lease of 30 s: claimed again within 5 s', (victim) =>
  twoAtWork('30', '', async (system, leader, other) => {
    expect(await leadersClaim(system)).toEqual([{ job_id: leader.jobId, session_key: expect.any(String) as string }]);
    // A lock that is gone says nothing on a server that is younger than a lease.
    const text = `SELECT WHERE pg_postmaster_start_time() < clock_timestamp() - interval '31 s'`;
    const isOld = async () => (await system.database.client.query(text)).rowCount;
    await waitFor('the server to be old enough', isOld, { timeoutMs: 60_000 });
    expect(await claimedAgainMs(system, victim === 'leader' ? leader : other)).toBeLessThan(5_000);
  }),
);

test('behind a pooler, where there is no session lock, the leader killed: claimed again within its lease and 2 s', () =>
  twoAtWork('3', '?pgbouncer=true', async (system, leader) => {
    expect(await leadersClaim(system)).toEqual([{ job_id: leader.jobId, session_key: null }]);
    expect(await claimedAgainMs(system, leader)).toBeLessThan(5_000);
  }));
