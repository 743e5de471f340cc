// One way to Postgres: a pool in which every wait has a bound, statements with names (prepared once a connection) and
// errors told by their kind. It holds no SQL of the product and decides nothing.
// Behind a pooler in transaction mode nothing is named, and nothing is set on the session.
import pg from 'pg';
import { NotMigratedError, PostgresAwayError, PostgresDeniedError } from '../lifecycle/errors.ts';
import { failureKind } from './outage.ts';

/** A statement with its parameters numbered; the name makes it prepared. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Who can run a statement: the database, or one transaction of it. */
export interface Executor {
  query<Row extends pg.QueryResultRow>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

export interface Database extends Executor {
  /** Runs `work` in one transaction; asked once more where the server says that nothing was changed. */
  transaction<T>(work: (tx: Executor) => Promise<T>): Promise<T>;
  /** Round trip in milliseconds. */
  ping(): Promise<number>;
  /** `host:port/database`, without credentials. */
  readonly where: string;
  readonly pgbouncer: boolean;
  readonly url: string;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly pgbouncer?: boolean;
  readonly connectionsMax?: number;
  readonly applicationName?: string;
  /** Hot connections plan once (the statements cannot choose a wrong index); those of people plan for each question. */
  readonly hot?: boolean;
  readonly statementTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
}

const LOCK_TIMEOUT_MS = 1000;
/** The server ends a statement at its timeout; a connection that does not even answer is given up this much later. */
const SILENCE_MARGIN_MS = 2000;
const BUSY_TRIES = 3;

export function describeUrl(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port === '' ? '5432' : port}${pathname}`;
}

function poolConfig(options: DatabaseOptions): pg.PoolConfig {
  const statementTimeoutMs = options.statementTimeoutMs ?? 5000;
  const settings = [
    `-c statement_timeout=${String(statementTimeoutMs)}`,
    `-c lock_timeout=${String(LOCK_TIMEOUT_MS)}`,
    '-c idle_in_transaction_session_timeout=30000',
    '-c jit=off',
    ...(options.hot === true ? ['-c plan_cache_mode=force_generic_plan'] : []),
  ];
  return {
    connectionString: options.url,
    max: options.connectionsMax ?? 8,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5000,
    idleTimeoutMillis: 30_000,
    query_timeout: statementTimeoutMs + SILENCE_MARGIN_MS,
    keepAlive: true,
    application_name: options.applicationName ?? 'jobhive',
    ...(options.pgbouncer === true ? {} : { options: settings.join(' ') }),
  };
}

/** A failure by its kind, where it has one that callers act on. */
function told(error: unknown, where: string): unknown {
  const kind = failureKind(error);
  if (kind === 'away') return new PostgresAwayError(error, where);
  if (kind === 'denied') return new PostgresDeniedError(error, where);
  return kind === 'unmigrated' ? new NotMigratedError(error) : error;
}

/** Opens the pool; connects at the first question. */
export function openDatabase(options: DatabaseOptions): Database {
  const where = describeUrl(options.url);
  const pgbouncer = options.pgbouncer === true;
  const pool = new pg.Pool(poolConfig(options));
  pool.on('error', () => undefined); // an idle connection broke: the next question opens another and tells of its own failure

  const config = (statement: Statement, values: readonly unknown[]): pg.QueryConfig => ({
    text: statement.text,
    values: [...values],
    ...(pgbouncer ? {} : { name: statement.name }),
  });
  const again = async <T>(ask: () => Promise<T>): Promise<T> => {
    for (let tried = 1; ; tried += 1) {
      try {
        return await ask();
      } catch (error) {
        if (failureKind(error) !== 'busy' || tried >= BUSY_TRIES) throw told(error, where);
      }
    }
  };
  const ask = async <Row extends pg.QueryResultRow>(
    client: pg.Pool | pg.PoolClient,
    statement: Statement,
    values: readonly unknown[] = [],
  ): Promise<Row[]> => (await client.query<Row>(config(statement, values))).rows;
  const inTransaction = async <T>(work: (tx: Executor) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    let failure: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work({ query: (statement, values) => ask(client, statement, values) });
      await client.query('COMMIT');
      return result;
    } catch (error) {
      failure = error instanceof Error ? error : new Error('transaction failed', { cause: error });
      throw error;
    } finally {
      client.release(failure); // a failed one is closed: the server rolls back, and nothing waits for a ROLLBACK's answer
    }
  };

  let closed: Promise<void> | undefined;
  return {
    where,
    pgbouncer,
    url: options.url,
    query: (statement, values) => again(() => ask(pool, statement, values)),
    transaction: (work) => again(() => inTransaction(work)),
    ping: async () => {
      const from = performance.now();
      await again(() => ask(pool, { name: 'ping', text: 'SELECT 1' }));
      return performance.now() - from;
    },
    close: () => (closed ??= pool.end()),
  };
}
