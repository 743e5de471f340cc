/**
 * The system under test: a private Redis (append-only, synced each second) and Postgres, a proxy before each for either half
 * of the workers, the fleet, and the connections by which faults and evidence reach the stores directly.
 */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, startPrivatePostgres, startPrivateRedis, type RunningServer } from '@jobhive/servers';
import { runProgram, tcpProxy, type Proxy } from '@jobhive/test-kit';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Outage, Side } from './evidence.ts';
import { createFleet, type Fleet } from './fleet.ts';
import type { Plan } from './plan.ts';

/** Workers and producers of an even number reach the stores by the first way, odd ones by the second. */
export type TwoWays = readonly [Proxy, Proxy];

export interface Without {
  readonly store: Outage['store'];
  /** Left out: everybody. */
  readonly side?: Side;
  /** Left out: away. */
  readonly how?: Outage['how'];
}

export interface World {
  readonly plan: Plan;
  readonly folder: string;
  readonly outputDir: string;
  readonly ledgerFile: string;
  readonly logFolder: string;
  readonly redis: RunningServer;
  readonly postgres: RunningServer;
  readonly ways: { readonly redis: TwoWays; readonly postgres: TwoWays };
  readonly admin: pg.Pool;
  readonly redisAdmin: Redis;
  readonly fleet: Fleet;
  /** Where the worker of each place tells of itself. */
  readonly opsPorts: readonly number[];
  readonly outages: readonly Outage[];
  /** What a program is told, by its number. */
  readonly env: (number: number) => Readonly<Record<string, string>>;
  /** Runs what makes a store unreachable, and notes when. */
  readonly without: (what: Without, during: () => Promise<unknown>) => Promise<void>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly plan: Plan;
  /** Exists; the evidence stays here. */
  readonly folder: string;
  /** The folder of the built programs. */
  readonly dist: string;
}

const POSTGRES_SETTINGS = { max_connections: '400', log_min_messages: 'error' };

export async function openWorld({ plan, folder, dist }: WorldOptions): Promise<World> {
  const place = (name: string): string => join(folder, name);
  await Promise.all(['logs', 'output'].map((name) => mkdir(place(name), { recursive: true })));
  // A copy: a build that is made anew while we run must not change what runs.
  await cp(join(dist, 'worker'), place('worker'), { recursive: true });
  await cp(join(dist, 'monitor-cli'), place('monitor-cli'), { recursive: true });
  await writeFile(place('acts.json'), JSON.stringify([...plan.acts]));
  const [redis, postgres] = await Promise.all([
    startPrivateRedis({ appendonly: true, args: ['--appendfsync', 'everysec'] }),
    startPrivatePostgres({ settings: POSTGRES_SETTINGS }),
  ]);
  await migrate(place('monitor-cli/main.js'), postgres.url);
  const ways = {
    redis: [await tcpProxy(redis.port), await tcpProxy(redis.port)],
    postgres: [await tcpProxy(postgres.port), await tcpProxy(postgres.port)],
  } as const;
  const opsPorts = await freePorts(plan.workers);
  const outages: Outage[] = [];
  const env: World['env'] = (number) => environment({ plan, place, redis, postgres, ways }, number);
  const world = {
    plan,
    folder,
    outputDir: place('output'),
    ledgerFile: place('ledger.ndjson'),
    logFolder: place('logs'),
    redis,
    postgres,
    ways,
    ...openStores(redis, postgres),
    fleet: createFleet({
      program: place('worker/main.js'),
      places: plan.workers,
      logFolder: place('logs'),
      env: (number, name) => ({ ...env(number), WORKER_NAME: name, OPS_PORT: String(opsPorts[number]) }),
    }),
    opsPorts,
    outages,
    env,
    without: async ({ store, side, how = 'away' }: Without, during: () => Promise<unknown>) => {
      const outage: Outage = { store, side, how, fromMs: Date.now(), toMs: Infinity };
      outages.push(outage);
      try {
        await during();
      } finally {
        outage.toMs = Date.now();
      }
    },
  };
  return { ...world, stop: () => takeDown(world) };
}

async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

function openStores(redis: RunningServer, postgres: RunningServer): Pick<World, 'admin' | 'redisAdmin'> {
  const admin = new pg.Pool({
    connectionString: postgres.url,
    max: 4,
    connectionTimeoutMillis: 5000,
    query_timeout: 30_000,
  });
  admin.on('error', () => undefined); // a fault of ours broke it; the next question opens another
  const redisAdmin = new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  redisAdmin.on('error', () => undefined); // likewise
  return { admin, redisAdmin };
}

interface Told {
  readonly plan: Plan;
  readonly place: (name: string) => string;
  readonly redis: RunningServer;
  readonly postgres: RunningServer;
  readonly ways: World['ways'];
}

function environment({ plan, place, redis, postgres, ways }: Told, number: number): Record<string, string> {
  const by = (url: string, [even, odd]: TwoWays): string => {
    const through = new URL(url);
    through.port = String((number % 2 === 0 ? even : odd).port);
    return through.href;
  };
  return {
    REDIS_URL: by(redis.url, ways.redis),
    DATABASE_URL: by(postgres.url, ways.postgres),
    OUTPUT_DIR: place('output'),
    PIPELINE_MODULE: new URL('../pipelines/chaos.mjs', import.meta.url).pathname,
    WORKER_CONCURRENCY: String(plan.slotsEach),
    WORKER_LEASE: String(plan.leaseMs / 1000),
    SHUTDOWN_GRACE: String(plan.graceSeconds),
    RQ_MAX_RETRIES: String(plan.retriesMax),
    RQ_RETRY_DELAYS: '0,1',
    ENQUEUE_RATE_LIMIT: '0',
    LOG_FORMAT: 'json',
    // A stage that eats memory is to fail at its thread's limit, not at the machine's.
    NODE_OPTIONS: '--max-old-space-size=160',
    CHAOS_LEDGER: place('ledger.ndjson'),
    CHAOS_ACTS: place('acts.json'),
    CHAOS_STAGE_MS: String(plan.stageMs),
  };
}

async function migrate(program: string, url: string): Promise<void> {
  const { code, stderr } = await runProgram(program, ['migrate'], { env: { DATABASE_URL: url } });
  if (code !== 0) throw new Error(`migrate ended with ${String(code)}: ${stderr}`);
}

async function takeDown(world: Omit<World, 'stop'>): Promise<void> {
  world.fleet.abandon();
  world.redisAdmin.disconnect();
  await Promise.all([...world.ways.redis, ...world.ways.postgres].map((proxy) => proxy.close()));
  await Promise.allSettled([world.admin.end()]);
  await Promise.all([world.redis.remove(), world.postgres.remove()]);
}
