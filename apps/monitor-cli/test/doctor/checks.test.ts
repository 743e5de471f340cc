// Each fault that the doctor knows, seeded into facts of a sound set-up, is found by its check; the sound one has none.
/* eslint-disable @typescript-eslint/no-unsafe-assignment --
   the documents of the program under test come as they are: their shape is what is tested here */
import { readEnvironment } from '@jobhive/config';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/doctor/doctor.ts';
import type { DoctorFacts, PostgresFacts, RedisFacts } from '../../src/doctor/facts.ts';
import type { Severity } from '../../src/doctor/finding.ts';

const now = new Date('2026-03-01T12:00:00Z');
const server: PostgresFacts['server'] = {
  versionNumber: 170004,
  now,
  readOnly: false,
  connectionsMax: 97,
  connectionsUsed: 12,
  fsync: true,
  fullPageWrites: true,
  synchronousCommit: 'on',
  longTransactions: [],
  missingIndexes: [],
};
const state = { now, paused: false, pausedAt: null, lastTick: now, redisBehind: null, overdueClaims: 0 };
const figures = {
  counts: { discovered: 0, queued: 5, processing: 1, processed: 9, failed: 2, cancelled: 0 },
  depth: 5,
  delayed: 0,
  paused: false,
  ratePerMinute: 0,
  executionMs: { p50: null, p95: null, p99: null, count: 0 },
  oldestWaitingSeconds: 1,
};
const postgres: PostgresFacts = { server, pending: [], clockAheadMs: 3, latencyMs: 0.4, queue: { state, figures } };
const worker = {
  name: 'w1',
  host: 'h',
  pid: 1,
  since: now.toISOString(),
  job_id: null,
  stage: null,
  progress: null,
  processed: 0,
  failed: 0,
  slots: 1,
  in_hand: 0,
  last_heartbeat: now.toISOString(),
};
const redis: RedisFacts = {
  version: '7.0.15',
  memory: { maxmemory_policy: 'noeviction', maxmemory: '1000', used_memory: '100' },
  persistence: { aof_enabled: '1', aof_last_write_status: 'ok' },
  clockAheadMs: -3,
  latencyMs: 0.2,
  workers: [worker],
  peek: { whole: true, runId: 'r', entries: 6, waiting: 5, active: 1, deadLetters: 2 },
};

interface Fault {
  readonly postgres?: Partial<PostgresFacts> | { away: string };
  readonly server?: Partial<PostgresFacts['server']>;
  readonly state?: Partial<typeof state> | { redisBehind: number } | { paused: boolean; pausedAt: Date };
  readonly redis?: Partial<RedisFacts> | { away: string };
  readonly env?: NodeJS.ProcessEnv;
}

function factsWith(fault: Fault): DoctorFacts {
  const queue = { state: { ...state, ...fault.state }, figures };
  return {
    environment: readEnvironment(fault.env ?? {}),
    postgres:
      fault.postgres && 'away' in fault.postgres
        ? fault.postgres
        : { ...postgres, queue, server: { ...server, ...fault.server }, ...fault.postgres },
    redis: fault.redis && 'away' in fault.redis ? fault.redis : { ...redis, ...fault.redis },
  };
}

const long = (seconds: number) => ({
  longTransactions: [{ pid: 7, application: 'psql', state: 'idle in transaction', seconds }],
});

const FAULTS: readonly (readonly [string, Fault, string, Severity])[] = [
  ['Postgres away', { postgres: { away: 'refused' } }, 'postgres.reachable', 'mend'],
  ['Postgres slow', { postgres: { latencyMs: 80 } }, 'postgres.reachable', 'warn'],
  ['Postgres too old', { server: { versionNumber: 140011 } }, 'postgres.version', 'mend'],
  ['Postgres untested', { server: { versionNumber: 190000 } }, 'postgres.version', 'warn'],
  ['a standby', { server: { readOnly: true } }, 'postgres.writable', 'mend'],
  ['fsync off', { server: { fsync: false } }, 'postgres.durability', 'warn'],
  ['commits that do not wait', { server: { synchronousCommit: 'off' } }, 'postgres.durability', 'warn'],
  ['a missing migration', { postgres: { pending: ['0002_x'] } }, 'postgres.migrations', 'mend'],
  ['a missing index', { server: { missingIndexes: ['application_tracking_due'] } }, 'postgres.indexes', 'mend'],
  ['no connection left', { server: { connectionsUsed: 92 } }, 'postgres.connections', 'mend'],
  ['few connections left', { server: { connectionsUsed: 80 } }, 'postgres.connections', 'warn'],
  [
    'too few for all workers under load',
    { redis: { workers: Array.from({ length: 20 }, (_, n) => ({ ...worker, name: `w${String(n)}` })) } },
    'postgres.connections',
    'warn',
  ],
  ['a long transaction', { server: long(120) }, 'postgres.long_transactions', 'warn'],
  ['a very long transaction', { server: long(3600) }, 'postgres.long_transactions', 'mend'],
  ['Redis away', { redis: { away: 'refused' } }, 'redis.reachable', 'mend'],
  ['Redis slow', { redis: { latencyMs: 90 } }, 'redis.reachable', 'warn'],
  ['Redis too old', { redis: { version: '5.0.7' } }, 'redis.version', 'mend'],
  [
    'eviction',
    { redis: { memory: { maxmemory_policy: 'allkeys-lru', maxmemory: '1000' } } },
    'redis.maxmemory_policy',
    'mend',
  ],
  [
    'memory nearly full',
    { redis: { memory: { maxmemory_policy: 'noeviction', maxmemory: '1000', used_memory: '960' } } },
    'redis.memory',
    'mend',
  ],
  ['append-only off', { redis: { persistence: { aof_enabled: '0' } } }, 'redis.appendonly', 'warn'],
  [
    'append-only broken',
    { redis: { persistence: { aof_enabled: '1', aof_last_write_status: 'err' } } },
    'redis.appendonly',
    'mend',
  ],
  ['clock of Postgres', { postgres: { clockAheadMs: 9000 } }, 'postgres.clock', 'warn'],
  ['clock of Redis', { redis: { clockAheadMs: -9000 } }, 'redis.clock', 'warn'],
  ['a pause', { state: { paused: true, pausedAt: now } }, 'queue.paused', 'warn'],
  ['lost workers', { state: { overdueClaims: 3 } }, 'workers.lost', 'mend'],
  ['no worker', { redis: { workers: [] } }, 'workers.alive', 'mend'],
  ['an emptied Redis', { redis: { peek: { ...redis.peek, whole: false } } }, 'stores.agree', 'warn'],
  ['Redis behind', { state: { redisBehind: 3 } }, 'stores.agree', 'warn'],
  [
    'jobs that Redis lacks',
    { redis: { workers: [], peek: { ...redis.peek, waiting: 2, active: 0 } } },
    'stores.agree',
    'mend',
  ],
  ['entries of nobody', { redis: { peek: { ...redis.peek, waiting: 50 } } }, 'stores.agree', 'warn'],
  ['dead letters lost', { redis: { peek: { ...redis.peek, deadLetters: 0 } } }, 'stores.agree', 'warn'],
  [
    'dead letters lost, and nobody to mend them',
    { redis: { workers: [], peek: { ...redis.peek, deadLetters: 1 } } },
    'stores.agree',
    'mend',
  ],
  ['dead letters of nobody', { redis: { peek: { ...redis.peek, deadLetters: 3 } } }, 'stores.agree', 'warn'],
  ['a short lease', { env: { WORKER_LEASE: '2' } }, 'settings.lease', 'mend'],
  ['no grace', { env: { SHUTDOWN_GRACE: '0' } }, 'settings.grace', 'warn'],
  ['a grace above the timeout', { env: { SHUTDOWN_GRACE: '90', RQ_JOB_TIMEOUT: '60' } }, 'settings.grace', 'warn'],
  [
    'a grace above the stop time of Docker',
    { env: { SHUTDOWN_GRACE: '30', STOP_GRACE_PERIOD: '20s' } },
    'settings.stop_time',
    'mend',
  ],
  ['a grace above the stop time of compose', { env: { SHUTDOWN_GRACE: '120' } }, 'settings.stop_time', 'warn'],
  ['a lease above the timeout', { env: { WORKER_LEASE: '90', RQ_JOB_TIMEOUT: '60' } }, 'settings.timeout', 'warn'],
  ['delays never used', { env: { RQ_MAX_RETRIES: '1' } }, 'settings.retries', 'warn'],
  ['an open dashboard', { env: { DASHBOARD_HOST: '0.0.0.0' } }, 'settings.dashboard', 'mend'],
  [
    'equal tokens',
    { env: { OPERATOR_TOKEN: 'one-and-the-same', VIEWER_TOKEN: 'one-and-the-same' } },
    'settings.tokens',
    'mend',
  ],
  ['an unsigned webhook', { env: { NOTIFY_WEBHOOK_URL: 'https://example.org/hook' } }, 'settings.webhook', 'warn'],
];

describe('the doctor', () => {
  it('finds nothing in a sound set-up', () => {
    const { ok, findings } = diagnose(factsWith({}));
    expect(findings.filter(({ severity }) => severity !== 'ok')).toEqual([]);
    expect(ok).toBe(true);
  });

  // What had gone wrong: it knew three names of this machine, and the dashboard starts on more.
  it.each(['127.0.0.1', '127.0.0.2', '::1', '[::1]', 'localhost'])('lets the dashboard listen on %s', (host) => {
    expect(diagnose(factsWith({ env: { DASHBOARD_HOST: host } })).ok).toBe(true);
  });

  it.each(FAULTS)('finds %s', (_name, fault, check, severity) => {
    const { ok, findings } = diagnose(factsWith(fault));
    const found = findings.find((finding) => finding.check === check && finding.severity !== 'ok');
    expect(found).toMatchObject({ check, severity, mend: expect.stringMatching(/.../) });
    expect(ok).toBe(!findings.some((finding) => finding.severity === 'mend'));
  });
});
