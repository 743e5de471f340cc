// The stores of one test file: a Redis of its own, and where asked for a database of its own, opened as the programs open them;
// a log that remembers; and jobs brought into a state by the real transitions.
import { randomUUID } from 'node:crypto';
import { readEnvironment, type Environment, type LogFields, type Logger } from '@jobhive/config';
import { migrate, type Claim, type ErrorInfo, type Holder, type SettleAsk, type StageRecord } from '@jobhive/db';
import { testDatabase, testRedis, type TestDatabase, type TestRedis } from '@jobhive/test-kit';
import { openQueue, type OpenQueue } from '../src/open-queue.ts';
import { openRedis, type RedisStore } from '../src/redis/connect.ts';
import { keysOf, type Keys } from '../src/redis/keys.ts';

export interface RecordedLog extends Logger {
  readonly told: { readonly event: string; readonly fields: LogFields }[];
  /** Of all records of this event, this field. */
  all(event: string, field: string): unknown[];
}

export function recordLog(): RecordedLog {
  const told: { event: string; fields: LogFields }[] = [];
  const write = (message: string, fields: LogFields = {}): void => void told.push({ event: message, fields });
  const log: RecordedLog = {
    told,
    all: (event, field) => told.filter((one) => one.event === event).map((one) => one.fields[field]),
    error: write,
    warn: write,
    info: write,
    debug: write,
    event: write,
    child: () => log,
  };
  return log;
}

type Variables = Readonly<Record<string, string>>;

export function environmentOf(redisUrl: string, variables: Variables = {}): Environment {
  return readEnvironment({ REDIS_URL: redisUrl, ENQUEUE_RATE_LIMIT: '0', ...variables });
}

/** Redis as one process sees it; `port` leads through a proxy. */
export interface RedisSide {
  readonly redis: TestRedis;
  readonly store: RedisStore;
  readonly keys: Keys;
  readonly log: RecordedLog;
  readonly queueName: string;
  /** Ids in line, the head first. */
  line(): Promise<string[]>;
  active(): Promise<string[]>;
  /** Id → place, as it stands in Redis. */
  entries(): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

export async function openRedisSide(through?: (port: number) => Promise<number>): Promise<RedisSide> {
  const redis = await testRedis();
  const port = (await through?.(redis.port)) ?? redis.port;
  const environment = environmentOf(`redis://127.0.0.1:${String(port)}`, { RQ_QUEUE_NAME: redis.queueName });
  const log = recordLog();
  const store = openRedis(environment.redis, log);
  await store.ready(5000);
  return {
    ...lookInto(redis, keysOf(environment)),
    store,
    log,
    queueName: redis.queueName,
    stop: async () => {
      await store.close();
      await redis.stop();
    },
  };
}

function lookInto(redis: TestRedis, keys: Keys): Pick<RedisSide, 'redis' | 'keys' | 'line' | 'active' | 'entries'> {
  return {
    redis,
    keys,
    line: async () => (await redis.client.lrange(keys.waiting, 0, -1)).reverse(),
    active: () => redis.client.lrange(keys.active, 0, -1),
    entries: () => redis.client.hgetall(keys.jobs),
  };
}

export interface Stores extends RedisSide {
  readonly database: TestDatabase;
  readonly environment: Environment;
  readonly open: OpenQueue;
  sql<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Another process over the same stores; stopped with them. */
  another(variables?: Variables): OpenQueue;
  /** Fresh jobs in `discovered`, in order of discovery. */
  discovered(count: number): Promise<string[]>;
  /** Fresh jobs in `queued` and in line, in this order. */
  queued(count: number): Promise<string[]>;
  /** `count` rows in `queued` of which Redis knows nothing. */
  queuedOnRecord(count: number): Promise<string[]>;
  claim(jobId: string, holder?: Holder): Promise<Claim>;
  settle(claim: Claim, outcome: SettleAsk['outcome']): Promise<void>;
  /** A fresh job that failed for good; Redis does not know it. */
  failed(error?: Partial<ErrorInfo>): Promise<string>;
  row(jobId: string): Promise<Record<string, unknown>>;
  told(jobId: string): Promise<string[]>;
}

export async function openStores(variables: Variables = {}): Promise<Stores> {
  const [redis, database] = await Promise.all([
    testRedis(),
    testDatabase({ migrate: async (url) => void (await migrate(url)) }),
  ]);
  const own = { DATABASE_URL: database.url, RQ_QUEUE_NAME: redis.queueName, ...variables };
  const environment = environmentOf(redis.url, own);
  const log = recordLog();
  const open = openQueue({ environment, log, role: 'producer' });
  await open.redis.ready(5000);
  await redis.client.set(open.keys.whole, '1');
  const others: OpenQueue[] = [];
  const side = { ...lookInto(redis, open.keys), store: open.redis, log, queueName: redis.queueName };
  return {
    ...side,
    ...jobsOf(open, database),
    database,
    environment,
    open,
    another: (more = {}) => {
      const other = openQueue({ environment: environmentOf(redis.url, { ...own, ...more }), log, role: 'operator' });
      others.push(other);
      return other;
    },
    stop: async () => {
      for (const one of [...others, open]) await one.stop();
      await redis.stop();
      await database.drop();
    },
  };
}

type Jobs = Pick<
  Stores,
  'sql' | 'discovered' | 'queued' | 'queuedOnRecord' | 'claim' | 'settle' | 'failed' | 'row' | 'told'
>;

function jobsOf({ repository, queue }: OpenQueue, database: TestDatabase): Jobs {
  const sql = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> =>
    (await database.client.query<Row & Record<string, unknown>>(text, values)).rows;
  const discovered = async (count: number): Promise<string[]> => {
    const postings = Array.from({ length: count }, () => ({
      external_id: randomUUID(),
      title: 'Cook',
      company: 'Inn',
    }));
    return (await repository.discover({ source: 'test', postings, autoEnqueue: false })).map((one) => one.jobId);
  };
  const queued = async (count: number): Promise<string[]> => {
    const ids = await discovered(count);
    await queue.enqueueJobs(ids);
    return ids;
  };
  const claim = async (jobId: string, holder = holderOf()): Promise<Claim> => {
    const [answer] = await repository.claim([{ jobId, token: randomUUID(), runsAlone: true }], holder);
    if (answer?.verdict !== 'won') throw new Error(`the claim was answered ${String(answer?.verdict)}`);
    return answer.claim;
  };
  const settle: Jobs['settle'] = async ({ jobId, token }, outcome) => {
    const [settled] = await repository.settle([{ jobId, token, outcome }]);
    if (settled?.verdict !== 'done') throw new Error(`the settle was answered ${String(settled?.verdict)}`);
  };
  const failed: Jobs['failed'] = async (error) => {
    const [jobId = ''] = await discovered(1);
    await repository.enqueue([{ jobId, call: 0 }], 0);
    await settle(await claim(jobId), { kind: 'failed', error: errorOf(error) });
    return jobId;
  };
  return {
    sql,
    discovered,
    queued,
    queuedOnRecord: async (count) =>
      (await sql<{ job_id: string }>(QUEUED_ON_RECORD, [count, randomUUID()])).map((row) => row.job_id),
    claim,
    settle,
    failed,
    row: async (jobId) => {
      const rows = await sql<{ row: Record<string, unknown> }>(
        'SELECT to_jsonb(t) AS row FROM application_tracking t WHERE job_id = $1',
        [jobId],
      );
      return rows[0]?.row ?? {};
    },
    told: async (jobId) => {
      const rows = await sql<{ event: string }>('SELECT event FROM job_events WHERE job_id = $1 ORDER BY id', [jobId]);
      return rows.map((row) => row.event);
    },
  };
}

const QUEUED_ON_RECORD = `WITH made AS (
    INSERT INTO jobs (source, external_id, title, company, discovery_seq)
    SELECT $2::text, n::text, 'Cook', 'Inn', nextval('discovery_seq') FROM generate_series(1, $1::int) n RETURNING id),
  tracked AS (
    INSERT INTO application_tracking (job_id, status, queue_seq, queued_at)
    SELECT id, 'queued', nextval('queue_seq'), clock_timestamp() - interval '5 s' FROM made RETURNING job_id, queue_seq)
  SELECT job_id FROM tracked ORDER BY queue_seq`;

export function holderOf(over: Partial<Holder> = {}): Holder {
  return { id: randomUUID(), sessionKey: null, workerName: 'worker-1', leaseMs: 30_000, ...over };
}

export function errorOf(over: Partial<ErrorInfo> = {}): ErrorInfo {
  return {
    name: 'Error',
    message: 'it broke',
    stack: null,
    stage: 'match',
    attempt: 1,
    worker_name: 'worker-1',
    at: '2026-01-01T00:00:00.000Z',
    fingerprint: 'abc',
    reason: 'error',
    previous: [],
    ...over,
  };
}

export function stageOf(stage: string): StageRecord {
  return { stage, outputJson: '{"score":0.8}', attempt: 1, version: 1, durationMs: 12, files: [], outdates: [] };
}
