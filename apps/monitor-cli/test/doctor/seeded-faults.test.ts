// The doctor before real servers: in a sound set-up it finds nothing, and each fault that is seeded into it, by its check and
// with how to mend it. One set-up for all; after each fault it is made sound again.
import { systemClock } from '@jobhive/config';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Severity } from '../../src/doctor/finding.ts';
import { startSoundSystem, type SoundSystem } from './sound-system.ts';

let system: SoundSystem;
beforeAll(async () => {
  system = await startSoundSystem();
  await system.renew();
}, 60_000);
/** What a fault has touched is made sound again; settings and clocks touch nothing. */
let touched = false;
beforeEach(async () => {
  if (touched) await system.renew();
  touched = false;
});
afterAll(() => system.stop());

interface Fault {
  readonly name: string;
  readonly seed?: (system: SoundSystem) => Promise<unknown>;
  readonly env?: NodeJS.ProcessEnv;
  readonly clockAheadMs?: number;
  readonly check: string;
  readonly severity: Exclude<Severity, 'ok'>;
}

const token = 'one-token-for-both-of-them-000000';
const config = (name: string, value: string) => (to: SoundSystem) => to.redis.client.config('SET', name, value);
const sql = (text: string) => (to: SoundSystem) => to.sql(text);

async function nearlyFull({ redis: { client } }: SoundSystem): Promise<void> {
  const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
  await client.config('SET', 'maxmemory', String(Math.round(used * 1.01)));
}

/** One of them, and the next: as many as leave no room for a worker. */
async function crowd(to: SoundSystem): Promise<() => Promise<unknown>> {
  const ask = (text: string): Promise<void> => to.sql(text);
  const sleeping = Array.from({ length: 30 }, () => ask('SELECT pg_sleep(600)').catch(() => undefined));
  await ask('SELECT pg_sleep(1)');
  return async () => {
    await ask(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()`,
    );
    await Promise.all(sleeping);
  };
}

const FAULTS: readonly Fault[] = [
  {
    name: 'Postgres that refuses',
    seed: (to) => to.proxies.postgres.refuse(true),
    check: 'postgres.reachable',
    severity: 'mend',
  },
  {
    name: 'Postgres far away',
    seed: (to) => Promise.resolve(to.proxies.postgres.delay(40)),
    check: 'postgres.reachable',
    severity: 'warn',
  },
  {
    name: 'Postgres that takes no writes',
    seed: sql('ALTER DATABASE THIS_DATABASE SET default_transaction_read_only = on'),
    check: 'postgres.writable',
    severity: 'mend',
  },
  {
    name: 'commits that do not wait for the disk',
    seed: sql('ALTER DATABASE THIS_DATABASE SET synchronous_commit = off'),
    check: 'postgres.durability',
    severity: 'warn',
  },
  {
    name: 'a migration that is missing',
    seed: sql('DELETE FROM drizzle.__drizzle_migrations WHERE id = (SELECT max(id) FROM drizzle.__drizzle_migrations)'),
    check: 'postgres.migrations',
    severity: 'mend',
  },
  {
    name: 'an index that is gone',
    seed: sql('DROP INDEX application_tracking_due'),
    check: 'postgres.indexes',
    severity: 'mend',
  },
  {
    name: 'an index that is not valid',
    seed: sql(`UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'job_words_grams'::regclass`),
    check: 'postgres.indexes',
    severity: 'mend',
  },
  {
    name: 'Redis that refuses',
    seed: (to) => to.proxies.redis.refuse(true),
    check: 'redis.reachable',
    severity: 'mend',
  },
  {
    name: 'Redis far away',
    seed: (to) => Promise.resolve(to.proxies.redis.delay(20)),
    check: 'redis.reachable',
    severity: 'warn',
  },
  {
    name: 'Redis that evicts',
    seed: async (to) => {
      await config('maxmemory-policy', 'allkeys-lru')(to);
      await config('maxmemory', '1gb')(to);
    },
    check: 'redis.maxmemory_policy',
    severity: 'mend',
  },
  {
    name: 'Redis that may evict one day',
    seed: config('maxmemory-policy', 'volatile-ttl'),
    check: 'redis.maxmemory_policy',
    severity: 'warn',
  },
  { name: 'Redis nearly full', seed: nearlyFull, check: 'redis.memory', severity: 'mend' },
  {
    name: 'Redis without its append-only file',
    seed: config('appendonly', 'no'),
    check: 'redis.appendonly',
    severity: 'warn',
  },
  { name: 'a clock behind that of Postgres', clockAheadMs: -60_000, check: 'postgres.clock', severity: 'warn' },
  { name: 'a clock ahead of that of Redis', clockAheadMs: 60_000, check: 'redis.clock', severity: 'warn' },
  { name: 'a worker that is lost', seed: (to) => to.loseWorker(), check: 'workers.lost', severity: 'mend' },
  {
    name: 'jobs, and nobody to do them',
    seed: (to) => to.redis.client.del('jobhive:workers'),
    check: 'workers.alive',
    severity: 'mend',
  },
  { name: 'a pause', seed: sql('UPDATE queue_state SET paused = true'), check: 'queue.paused', severity: 'warn' },
  {
    name: 'Redis that was emptied',
    seed: (to) => to.redis.client.del('jobhive:whole'),
    check: 'stores.agree',
    severity: 'warn',
  },
  {
    name: 'Redis that lacks what waits',
    seed: (to) => to.redis.client.rpop('bq:job_processing_queue:waiting'),
    check: 'stores.agree',
    severity: 'warn',
  },
  {
    name: 'Redis that has what does not wait',
    seed: (to) => to.redis.client.lpush('bq:job_processing_queue:waiting', '1', '2'),
    check: 'stores.agree',
    severity: 'warn',
  },
  {
    name: 'Redis that lost its dead letters',
    seed: (to) => to.redis.client.del('failed_jobs'),
    check: 'stores.agree',
    severity: 'warn',
  },
  {
    name: 'a dead letter of a job that has not failed',
    seed: (to) => to.redis.client.zadd('failed_jobs', 1, to.jobIds[0] ?? ''),
    check: 'stores.agree',
    severity: 'warn',
  },
  {
    name: 'a push that failed and was not made good',
    seed: sql('UPDATE queue_state SET redis_behind = 1'),
    check: 'stores.agree',
    severity: 'warn',
  },
  {
    name: 'a lease shorter than its beats allow',
    env: { WORKER_LEASE: '2' },
    check: 'settings.lease',
    severity: 'mend',
  },
  { name: 'no grace', env: { SHUTDOWN_GRACE: '0' }, check: 'settings.grace', severity: 'warn' },
  {
    name: 'a grace beyond the stop time of Docker',
    env: { STOP_GRACE_PERIOD: '20s' },
    check: 'settings.stop_time',
    severity: 'mend',
  },
  {
    name: 'a lease beyond the timeout',
    env: { WORKER_LEASE: '90', RQ_JOB_TIMEOUT: '60' },
    check: 'settings.timeout',
    severity: 'warn',
  },
  {
    name: 'one token for two',
    env: { OPERATOR_TOKEN: token, VIEWER_TOKEN: token },
    check: 'settings.tokens',
    severity: 'mend',
  },
  {
    name: 'a dashboard for everybody',
    env: { DASHBOARD_HOST: '0.0.0.0' },
    check: 'settings.dashboard',
    severity: 'mend',
  },
];

describe('the doctor', () => {
  it('finds nothing in a sound set-up', async () => {
    const { ok, findings } = await system.doctor();
    expect(findings.filter(({ severity }) => severity !== 'ok')).toEqual([]);
    expect(ok).toBe(true);
  });

  it.each(FAULTS)('finds $name', async ({ seed, env, clockAheadMs = 0, check, severity }) => {
    touched = seed !== undefined;
    await seed?.(system);
    const clock = { ...systemClock, now: () => new Date(Date.now() + clockAheadMs) };
    const { ok, findings } = await system.doctor(env, clock);
    const found = findings.find((finding) => finding.check === check && finding.severity !== 'ok');
    expect(found, JSON.stringify(findings)).toMatchObject({ severity, mend: expect.stringMatching(/.../) as string });
    expect(ok).toBe(!findings.some((finding) => finding.severity === 'mend'));
  });

  it('finds that there is no room for one more worker', async () => {
    touched = true;
    const leave = await crowd(system);
    const { findings } = await system.doctor().finally(leave);
    expect(findings).toContainEqual(expect.objectContaining({ check: 'postgres.connections', severity: 'mend' }));
  });
});
