// A set-up in which nothing is wrong, made for the doctor: servers that keep what they are given (fsync, append-only), a schema
// that is up to date, three jobs in line and a dead letter in both stores, a worker that beats. `renew` makes it sound again after a fault: a
// fresh database, cloned, and a fresh Redis; the servers stay.
import { randomUUID } from 'node:crypto';
import { readEnvironment, silentLogger, systemClock, type Clock } from '@jobhive/config';
import { migrate, type TrackingRepository } from '@jobhive/db';
import { openQueue, registerWorker } from '@jobhive/queue';
import {
  startPrivatePostgres,
  tcpProxy,
  testRedis,
  type Proxy,
  type RunningServer,
  type TestRedis,
} from '@jobhive/test-kit';
import { diagnose, type Diagnosis } from '../../src/doctor/doctor.ts';
import { examine } from '../../src/doctor/examine.ts';
import { failure } from '../system.ts';

export interface SoundSystem {
  readonly postgres: RunningServer;
  readonly redis: TestRedis;
  /** Before both stores, for what networks do. */
  readonly proxies: { readonly postgres: Proxy; readonly redis: Proxy };
  readonly jobIds: readonly string[];
  sql(text: string): Promise<void>;
  doctor(env?: NodeJS.ProcessEnv, clock?: Clock): Promise<Diagnosis>;
  /** A claim of the first job whose lease ran out long ago. */
  loseWorker(): Promise<void>;
  renew(): Promise<void>;
  stop(): Promise<void>;
}

const TEMPLATE = 'sound';

async function fail(repository: TrackingRepository, jobId: string): Promise<void> {
  const token = randomUUID();
  const holder = { id: randomUUID(), sessionKey: null, workerName: 'w1', leaseMs: 30_000 };
  await repository.enqueue([{ jobId, call: 0 }], 0);
  await repository.claim([{ jobId, token }], holder);
  await repository.settle([{ jobId, token, outcome: failure('TypeError', 'f1') }]);
}

function at(url: string, port: number, database: string): string {
  const address = new URL(url);
  address.port = String(port);
  address.pathname = `/${database}`;
  return address.href;
}

export async function startSoundSystem(): Promise<SoundSystem> {
  const [postgres, redis] = await Promise.all([
    startPrivatePostgres({ fsync: true, settings: { max_connections: '40' } }),
    testRedis({ appendonly: true }),
  ]);
  const proxies = { postgres: await tcpProxy(postgres.port), redis: await tcpProxy(redis.port) };
  const envOf = (database: string): NodeJS.ProcessEnv => ({
    REDIS_URL: `redis://127.0.0.1:${String(proxies.redis.port)}`,
    DATABASE_URL: at(postgres.url, proxies.postgres.port, database),
  });
  const opened = (env: NodeJS.ProcessEnv) => {
    const environment = readEnvironment(env);
    return { environment, open: openQueue({ environment, log: silentLogger, role: 'operator' }) };
  };
  const admin = async (text: string, database = 'postgres'): Promise<void> => {
    const { open } = opened({ ...envOf(database), DATABASE_URL: at(postgres.url, postgres.port, database) });
    await open.database.query({ name: `admin_${randomUUID()}`, text }).finally(() => open.stop());
  };
  await admin(`CREATE DATABASE ${TEMPLATE}`);
  await migrate(at(postgres.url, postgres.port, TEMPLATE));

  let made = 0;
  let database = '';
  let jobIds: string[] = [];
  const renew = async (): Promise<void> => {
    await Promise.all([proxies.postgres.heal(), proxies.redis.heal()]);
    await redis.client.flushall();
    await redis.client.config('SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction', 'appendonly', 'yes');
    database = `sound_${String((made += 1))}`;
    await admin(`CREATE DATABASE ${database} TEMPLATE ${TEMPLATE}`);
    const { open } = opened(envOf(database));
    try {
      const postings = ['a', 'b', 'c', 'd'].map((external_id) => ({ external_id, title: 'Title', company: 'Acme' }));
      const found = await open.repository.discover({ source: 'file:test', postings, autoEnqueue: false });
      const [failing = '', ...others] = found.map(({ jobId }) => jobId);
      jobIds = others;
      await fail(open.repository, failing);
      await open.redis.ready(5000);
      await open.queue.rebuild(); // sets the marker, without which nothing is pushed
      await open.queue.enqueueJobs(jobIds);
      const report = { host: 'h', pid: 1, since: new Date().toISOString(), job_id: null, stage: null, progress: null };
      const idle = { processed: 0, failed: 0, slots: 1, in_hand: 0, mean_ms: null };
      await registerWorker(open.redis, open.keys, { name: 'w1', holder: randomUUID() }, { ...report, ...idle });
    } finally {
      await open.stop();
    }
  };
  return {
    postgres,
    redis,
    proxies,
    get jobIds() {
      return jobIds;
    },
    sql: (text) => admin(text.replaceAll('THIS_DATABASE', database), database),
    doctor: async (env = {}, clock = systemClock) => {
      const { environment, open } = opened({ ...envOf(database), ...env });
      try {
        return diagnose(await examine(open, environment, clock));
      } finally {
        await open.stop();
      }
    },
    loseWorker: async () => {
      const { open } = opened(envOf(database));
      const holder = { id: randomUUID(), sessionKey: null, workerName: 'w2', leaseMs: -60_000 };
      await open.repository.claim([{ jobId: jobIds[0] ?? '', token: randomUUID() }], holder).finally(() => open.stop());
    },
    renew,
    stop: async () => {
      await Promise.all([proxies.postgres.close(), proxies.redis.close()]);
      await Promise.all([redis.stop(), postgres.remove()]);
    },
  };
}
