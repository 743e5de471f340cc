// One way to dial Redis: by URL or parts, TLS, Sentinel. It dials for ever, at most every two seconds; no command is kept
// for later or sent twice (a command whose answer was cut off may have taken an id: hazard 25), each has a bound, and a
// connection that swallows bytes is given up at that bound (hazard 26).
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import { sleep, withDeadline, type Logger, type RedisTarget } from '@jobhive/config';
import { Redis, type RedisOptions } from 'ioredis';
import { RedisAwayError, RedisDeniedError } from '../errors.ts';

const DIAL_DELAY_MAX_MS = 2000;
const COMMAND_TIMEOUT_MS = 2000;
/** A connection that is given up waits no longer than this for the other side to close it, too. */
const FORCED_CLOSE_MS = 100;

/** Options of a connection; answers keep ioredis' classic shapes. */
export type DialOptions = Omit<RedisOptions, 'replyMapping'>;

export interface RedisStore {
  readonly client: Redis;
  readonly isReady: boolean;
  /** `host:port/db`, without credentials. */
  readonly where: string;
  /** @throws RedisAwayError where it cannot be reached within the bound */
  ready(boundMs: number): Promise<void>;
  /** Runs commands; what fails because of the connection is told as RedisAwayError. */
  run<T>(work: (client: Redis) => Promise<T>): Promise<T>;
  /** Another connection of the same kind, for subscriptions or, without a bound on its commands, for blocking calls. */
  dial(options?: { readonly blocking: boolean }): Redis;
  /** Round trip in milliseconds. */
  ping(): Promise<number>;
  info(section: string): Promise<Record<string, string>>;
  timeMs(): Promise<number>;
  close(): Promise<void>;
}

function trusted(): string[] | undefined {
  const extra = process.env['NODE_EXTRA_CA_CERTS'];
  return extra === undefined || extra === '' ? undefined : [...rootCertificates, readFileSync(extra, 'utf8')];
}

export function dialOptions(target: RedisTarget): DialOptions {
  const ca = target.kind === 'single' && target.tls ? trusted() : undefined;
  const common: DialOptions = {
    db: target.db,
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    maxRetriesPerRequest: 0, // with null and nothing sent again, a command whose answer was cut off is never answered at all
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false, // who listens subscribes at each `ready`: ioredis' own promise of it has nobody to be rejected to
    connectTimeout: 5000,
    disconnectTimeout: FORCED_CLOSE_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    keepAlive: 5000,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 6), DIAL_DELAY_MAX_MS),
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 1 : false),
  };
  return target.kind === 'single'
    ? {
        ...common,
        host: target.host,
        port: target.port,
        ...(target.tls
          ? {
              tls: {
                ...(isIP(target.host) === 0 ? { servername: target.host } : {}),
                ...(ca === undefined ? {} : { ca }),
              },
            }
          : {}),
      }
    : {
        ...common,
        sentinels: target.sentinels.map(({ host, port }) => ({ host, port })),
        name: target.name,
        sentinelRetryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 6), DIAL_DELAY_MAX_MS),
      };
}

function describeTarget(target: RedisTarget): string {
  return target.kind === 'single'
    ? `${target.host}:${String(target.port)}/${String(target.db)}`
    : `${target.sentinels.map(({ host, port }) => `${host}:${String(port)}`).join(',')}/${target.name}/${String(target.db)}`;
}

const DENIED = /^(WRONGPASS|NOAUTH|NOPERM|ERR (invalid password|Client sent AUTH|AUTH))/;
const AWAY =
  /connection is closed|stream isn't writeable|command timed out|offline queue|ECONN|EPIPE|ETIMEDOUT|EHOST|ENOTFOUND|EAI_AGAIN|socket closed|^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|MISCONF|OOM|TRYAGAIN|BUSY) /i;

/** Whether an error says that Redis cannot serve now (connection, start-up, disk or memory full), not that we asked wrongly. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    AWAY.test(`${error.message} ${code}`) || error.name === 'MaxRetriesPerRequestError' || error.name === 'AbortError'
  );
}

/** What the connection's events tell: logged once for each time it goes and comes. */
function watch(client: Redis, where: string, log: Logger): { lastError(): Error | undefined; expectClose(): void } {
  let lastError: Error | undefined;
  let told = false;
  let closed = false;
  client.on('error', (error: Error) => {
    lastError = error;
  });
  client.on('close', () => {
    if (!told && !closed) log.event('redis.away', { where });
    told = true;
  });
  client.on('ready', () => {
    if (told) log.event('redis.back', { where });
    told = false;
    lastError = undefined;
  });
  return {
    lastError: () => lastError,
    expectClose: () => {
      closed = true;
    },
  };
}

type Run = RedisStore['run'];

function questions(run: Run): Pick<RedisStore, 'ping' | 'info' | 'timeMs'> {
  return {
    ping: () =>
      run(async (redis) => {
        const from = performance.now();
        await redis.ping();
        return performance.now() - from;
      }),
    info: (section) =>
      run(async (redis) => {
        const lines = (await redis.info(section)).split('\r\n').filter((line) => line.includes(':'));
        return Object.fromEntries(
          lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
        );
      }),
    timeMs: () =>
      run(async (redis) => {
        const [seconds, micros] = await redis.time();
        return Number(seconds) * 1000 + Number(micros) / 1000;
      }),
  };
}

function isDenied(error: unknown): boolean {
  return error instanceof Error && DENIED.test(error.message);
}

export function openRedis(target: RedisTarget, log: Logger): RedisStore {
  const where = describeTarget(target);
  const client = new Redis(dialOptions(target));
  const watched = watch(client, where, log);

  const failure = (error: unknown): Error => {
    const cause = watched.lastError() ?? error;
    if (isDenied(cause)) return new RedisDeniedError(cause, where);
    return new RedisAwayError(cause, where);
  };
  const run: Run = async (work) => {
    try {
      return await work(client);
    } catch (error) {
      if (error instanceof Error && /command timed out/i.test(error.message)) client.disconnect(true);
      if (isAway(error) || isDenied(error)) throw failure(error);
      throw error;
    }
  };
  const ready = async (boundMs: number): Promise<void> => {
    const until = performance.now() + boundMs;
    while (client.status !== 'ready') {
      if (performance.now() >= until || isDenied(watched.lastError())) throw failure(undefined);
      await sleep(10);
    }
  };
  return {
    client,
    where,
    get isReady() {
      return client.status === 'ready';
    },
    ready,
    run,
    dial: ({ blocking } = { blocking: false }) => {
      const options = dialOptions(target);
      if (blocking) delete options.commandTimeout; // a blocking call has a bound of its own
      return new Redis(options);
    },
    ...questions(run),
    close: () => {
      watched.expectClose();
      client.disconnect(); // never QUIT: behind a dead connection it is not answered (hazard 27)
      return Promise.resolve();
    },
  };
}

/** Runs what needs Redis within a bound, whatever the connection does. */
export function bounded<T>(store: RedisStore, boundMs: number, work: Promise<T>): Promise<T> {
  return withDeadline(work, boundMs, `Redis at ${store.where}`).catch((error: unknown) => {
    throw error instanceof RedisAwayError ? error : new RedisAwayError(error, store.where);
  });
}
