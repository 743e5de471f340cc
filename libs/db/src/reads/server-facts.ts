// What `doctor` and `why` ask of the server and of the queue's one row: its clock, settings that matter, connections, long
// transactions, indexes, leases that ran out. Questions of people: they change nothing and are bounded like any other.
import type { Executor, Statement } from '../connect/database.ts';

export interface LongTransaction {
  readonly pid: number;
  readonly application: string;
  readonly state: string;
  readonly seconds: number;
}

export interface ServerFacts {
  /** As `server_version_num`: 150004 is 15.4. */
  readonly versionNumber: number;
  readonly now: Date;
  readonly readOnly: boolean;
  readonly connectionsMax: number;
  /** Of clients, in all databases. */
  readonly connectionsUsed: number;
  readonly fsync: boolean;
  readonly fullPageWrites: boolean;
  readonly synchronousCommit: string;
  /** Of clients of this database, older than a minute, oldest first, at most ten. */
  readonly longTransactions: readonly LongTransaction[];
  /** Names of indexes of ours that are not there, or not valid. */
  readonly missingIndexes: readonly string[];
}

const SERVER: Statement = {
  name: 'server_facts',
  text: `SELECT current_setting('server_version_num')::int AS version, clock_timestamp() AS now,
    pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean AS read_only,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS connections_max,
    (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections_used,
    current_setting('fsync')::boolean AS fsync, current_setting('full_page_writes')::boolean AS full_page_writes,
    current_setting('synchronous_commit') AS synchronous_commit,
    (SELECT coalesce(jsonb_agg(x ORDER BY x.seconds DESC), '[]') FROM (
      SELECT pid, application_name AS application, coalesce(state, '') AS state,
        extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds
      FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend'
        AND xact_start < clock_timestamp() - interval '1 minute' ORDER BY xact_start LIMIT 10) x) AS long_transactions,
    (SELECT coalesce(jsonb_agg(name), '[]') FROM unnest($1::text[]) AS name WHERE NOT EXISTS (
      SELECT FROM pg_index i WHERE i.indexrelid = to_regclass(quote_ident(name)) AND i.indisvalid AND i.indisready)) AS missing_indexes`,
};
const STATE: Statement = {
  name: 'queue_state_facts',
  text: `SELECT clock_timestamp() AS now, q.paused, q.last_tick, q.redis_behind::float8 AS redis_behind,
    (SELECT count(*)::int FROM application_tracking
      WHERE status = 'processing' AND lease_until < clock_timestamp() - interval '5 s') AS overdue_claims,
    (SELECT max(at) FROM system_events WHERE event = 'paused') AS paused_at
    FROM queue_state q`,
};
/** Nobody waits for the exact number beyond this, and it would cost a look at each. */
export const JOBS_AHEAD_MAX = 100_000;

const AHEAD: Statement = {
  name: 'jobs_ahead',
  text: `SELECT count(*)::int AS n FROM (SELECT FROM application_tracking
    WHERE status = 'queued' AND queue_seq < $1::bigint AND (next_attempt_at IS NULL OR next_attempt_at <= clock_timestamp())
    LIMIT ${String(JOBS_AHEAD_MAX)}) ahead`,
};

interface ServerRow {
  version: number;
  now: Date;
  read_only: boolean;
  connections_max: number;
  connections_used: number;
  fsync: boolean;
  full_page_writes: boolean;
  synchronous_commit: string;
  long_transactions: LongTransaction[];
  missing_indexes: string[];
}

/** The schema is loaded for this question alone: each other start of a program would pay for it. */
async function indexNames(): Promise<string[]> {
  const { getTableConfig, PgTable } = await import('drizzle-orm/pg-core');
  const schema = await import('../schema/index.ts');
  const parts: readonly unknown[] = Object.values(schema);
  return parts
    .filter((part) => part instanceof PgTable)
    .flatMap((table) => getTableConfig(table).indexes)
    .flatMap(({ config }) => (config.name === undefined ? [] : [config.name]));
}

export async function serverFacts(db: Executor): Promise<ServerFacts> {
  const row = (await db.query<ServerRow>(SERVER, [await indexNames()]))[0];
  if (row === undefined) throw new Error('the server gave no row of itself');
  return {
    versionNumber: row.version,
    now: row.now,
    readOnly: row.read_only,
    connectionsMax: row.connections_max,
    connectionsUsed: row.connections_used,
    fsync: row.fsync,
    fullPageWrites: row.full_page_writes,
    synchronousCommit: row.synchronous_commit,
    longTransactions: row.long_transactions,
    missingIndexes: row.missing_indexes,
  };
}

export interface QueueStateFacts {
  /** By the database's clock. */
  readonly now: Date;
  readonly paused: boolean;
  readonly pausedAt: Date | null;
  /** Last sign of any worker here. */
  readonly lastTick: Date;
  readonly redisBehind: number | null;
  /** Claims whose lease ran out more than five seconds ago, and that nobody has taken over. */
  readonly overdueClaims: number;
}

interface StateRow {
  now: Date;
  paused: boolean;
  last_tick: Date;
  redis_behind: number | null;
  overdue_claims: number;
  paused_at: Date | null;
}

export async function queueStateFacts(db: Executor): Promise<QueueStateFacts> {
  const row = (await db.query<StateRow>(STATE))[0];
  if (row === undefined) throw new Error('queue_state has no row; run `monitor-cli migrate`');
  return {
    now: row.now,
    paused: row.paused,
    pausedAt: row.paused ? row.paused_at : null,
    lastTick: row.last_tick,
    redisBehind: row.redis_behind,
    overdueClaims: row.overdue_claims,
  };
}

/** Ready jobs that stand before this place in line, counted up to JOBS_AHEAD_MAX. */
export async function jobsAhead(db: Executor, queueSeq: number): Promise<number> {
  return (await db.query<{ n: number }>(AHEAD, [queueSeq]))[0]?.n ?? 0;
}
