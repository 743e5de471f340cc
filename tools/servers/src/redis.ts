/**
 * A private Redis on a free port of the loopback, never evicting. Without `dataDir` its data is thrown away with it, or
 * with the process that started it. Passwords stand in its configuration file (0600), not on its command line.
 */
import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisContainer } from './containers.ts';
import type { RedisBinary } from './debian-redis.ts';
import { ServerMissingError } from './errors.ts';
import { endLeftover } from './leftover.ts';
import { findRedis } from './redis-binary.ts';
import { redisAnswers } from './redis-answers.ts';
import { runServer, type RunningServer } from './running-server.ts';
import { demandedSource, type ServerSource } from './server-source.ts';

export interface PrivateRedisOptions {
  /** Default false. */
  readonly appendonly?: boolean;
  /** As in redis.conf, such as `60 1`; default none. */
  readonly save?: string;
  readonly password?: string;
  /** More of the command line, such as `--maxmemory 10mb`. */
  readonly args?: readonly string[];
  /** A folder to keep the data in; default one that is thrown away. */
  readonly dataDir?: string;
  /** Default a free one. */
  readonly port?: number;
  /** Where to take the server from; default what JOBHIVE_TEST_SERVERS says, else the first that works. */
  readonly source?: ServerSource;
}

export async function startPrivateRedis(options: PrivateRedisOptions = {}): Promise<RunningServer> {
  const source = options.source ?? demandedSource();
  const refusals: string[] = [];
  const binary = source === 'containers' ? undefined : await findRedis(refusals);
  if (binary !== undefined) return startBinary(binary, options);
  const container = await redisContainer(options, refusals);
  if (container !== undefined) return container;
  throw new ServerMissingError(
    `no Redis to be had: install redis-server (or valkey-server), start Docker, or set REDIS_URL. Tried: ${refusals.join('; ')}`,
  );
}

async function startBinary(binary: RedisBinary, options: PrivateRedisOptions): Promise<RunningServer> {
  const throwAwayFolder = options.dataDir === undefined ? await mkdtemp(join(tmpdir(), 'jobhive-redis-')) : undefined;
  const folder = throwAwayFolder ?? options.dataDir ?? '';
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const dataDir = await realpath(folder);
  await endLeftover(join(dataDir, 'redis.pid'), dataDir, 'SIGTERM');
  const configuration = join(dataDir, 'redis.conf');
  await writeFile(configuration, lines(dataDir, options), { mode: 0o600 });
  return runServer({
    name: 'redis-server',
    dataDir,
    logFile: join(dataDir, 'redis.log'),
    throwAwayFolder,
    port: options.port,
    stopSignal: 'SIGTERM',
    orphanSignal: throwAwayFolder === undefined ? 'SIGTERM' : 'SIGKILL',
    command: (port) => ({
      file: binary.file,
      env: binary.env,
      args: [configuration, '--port', String(port), ...(options.args ?? [])],
    }),
    url: (port) => redisUrl(port, options.password),
    ready: (port, pid) => redisAnswers(port, pid, options.password),
  });
}

function lines(dataDir: string, options: PrivateRedisOptions): string {
  const quoted = (value: string): string => JSON.stringify(value);
  const settings = [
    'bind 127.0.0.1',
    'daemonize no',
    'maxmemory-policy noeviction',
    `dir ${quoted(dataDir)}`,
    `pidfile ${quoted(join(dataDir, 'redis.pid'))}`,
    `appendonly ${options.appendonly === true ? 'yes' : 'no'}`,
    options.save === undefined ? 'save ""' : `save ${options.save}`,
    ...(options.password === undefined ? [] : [`requirepass ${quoted(options.password)}`]),
  ];
  return `${settings.join('\n')}\n`;
}

export function redisUrl(port: number, password: string | undefined, host = '127.0.0.1'): string {
  const auth = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return `redis://${auth}${host}:${port}`;
}
