/**
 * The last resort, and what `npm run test:containers` asks for: the same servers in containers, through testcontainers.
 * Each has a fixed port on the loopback, so that it can be stopped, killed and started again as the others can. Data that is
 * to be kept lies in a volume named by its folder. testcontainers is loaded only when it is needed.
 */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { GenericContainer } from 'testcontainers';
import { freePort } from './port.ts';
import type { PrivatePostgresOptions } from './postgres.ts';
import type { PrivateRedisOptions } from './redis.ts';
import type { RunningServer } from './running-server.ts';

const REDIS_IMAGE = process.env['JOBHIVE_REDIS_IMAGE'] || 'redis:7-alpine';
const POSTGRES_IMAGE = process.env['JOBHIVE_POSTGRES_IMAGE'] || 'postgres:17-alpine';
const START_MS = 120_000;

type Containers = typeof import('testcontainers');

/** Undefined, with the reason, where there is no Docker. */
export async function redisContainer(
  options: PrivateRedisOptions,
  refusals: string[],
): Promise<RunningServer | undefined> {
  const containers = await docker(refusals);
  if (containers === undefined) return undefined;
  const { redisUrl } = await import('./redis.ts');
  const password = options.password === undefined ? [] : ['--requirepass', options.password];
  const how = [
    '--appendonly',
    options.appendonly === true ? 'yes' : 'no',
    '--save',
    options.save ?? '',
    '--maxmemory-policy',
    'noeviction',
  ];
  const container = new containers.GenericContainer(REDIS_IMAGE)
    .withCommand(['redis-server', ...how, ...password, ...(options.args ?? [])])
    .withWaitStrategy(containers.Wait.forLogMessage(/Ready to accept connections/));
  return start(containers, container, {
    inside: 6379,
    port: options.port,
    dataDir: '/data',
    keep: options.dataDir,
    stopSignal: 'SIGTERM',
    ready: ['sh', '-c', 'redis-cli ping | grep -E "PONG|NOAUTH"'],
    url: (port, host) => redisUrl(port, options.password, host),
  });
}

export async function postgresContainer(
  options: PrivatePostgresOptions & { password: string },
  refusals: string[],
): Promise<RunningServer | undefined> {
  const containers = await docker(refusals);
  if (containers === undefined) return undefined;
  const { defaults, flags, postgresUrl } = await import('./postgres.ts');
  const {
    listen_addresses: _,
    unix_socket_directories: __,
    ...settings
  } = { ...defaults(options.fsync === true), ...options.settings };
  const database = options.database ?? 'postgres';
  const container = new containers.GenericContainer(POSTGRES_IMAGE)
    .withEnvironment({ POSTGRES_PASSWORD: options.password, POSTGRES_DB: database })
    .withCommand(['postgres', ...flags(settings)])
    .withWaitStrategy(containers.Wait.forLogMessage(/database system is ready to accept connections/, 2));
  return start(containers, container, {
    inside: 5432,
    port: options.port,
    dataDir: '/var/lib/postgresql/data',
    keep: options.dataDir,
    stopSignal: 'SIGINT',
    ready: ['pg_isready', '-h', '127.0.0.1'],
    url: (port, host) => postgresUrl(port, options.password, database, host),
  });
}

async function docker(refusals: string[]): Promise<Containers | undefined> {
  try {
    const containers = await import('testcontainers');
    await containers.getContainerRuntimeClient();
    return containers;
  } catch (error) {
    refusals.push(`no Docker (${error instanceof Error ? error.message : String(error)})`);
    return undefined;
  }
}

interface Outside {
  readonly inside: number;
  readonly port: number | undefined;
  readonly dataDir: string;
  readonly keep: string | undefined;
  readonly stopSignal: NodeJS.Signals;
  /** A command inside that succeeds when the server takes connections. */
  readonly ready: string[];
  url(port: number, host: string): string;
}

async function start(containers: Containers, container: GenericContainer, outside: Outside): Promise<RunningServer> {
  const port = outside.port ?? (await freePort());
  container.withExposedPorts({ container: outside.inside, host: port }).withStartupTimeout(START_MS);
  if (outside.keep !== undefined)
    container.withBindMounts([{ source: volumeName(outside.keep), target: outside.dataDir }]);
  const started = await container.start();
  const { container: client } = await containers.getContainerRuntimeClient();
  const handle = client.getById(started.getId());
  const running = async (): Promise<boolean> => (await client.inspect(handle)).State.Running;
  let pid = (await client.inspect(handle)).State.Pid;
  return {
    url: outside.url(port, started.getHost()),
    port,
    dataDir: outside.dataDir,
    get pid() {
      return pid;
    },
    stop: (signal = outside.stopSignal) => endWith(handle, signal, running),
    kill: () => endWith(handle, 'SIGKILL', running),
    restart: async () => {
      await endWith(handle, outside.stopSignal, running);
      await handle.start();
      await untilReady(() => client.exec(handle, outside.ready));
      pid = (await client.inspect(handle)).State.Pid;
    },
    remove: async () => void (await started.stop({ remove: true, removeVolumes: outside.keep === undefined })),
  };
}

/** What is used of dockerode's container. */
type Handle = { kill(options: { signal: string }): Promise<unknown>; wait(): Promise<unknown> };

async function endWith(handle: Handle, signal: string, running: () => Promise<boolean>): Promise<void> {
  if (!(await running())) return;
  const ended = handle.wait();
  await handle.kill({ signal });
  await ended;
}

async function untilReady(ask: () => Promise<{ exitCode: number }>): Promise<void> {
  const deadline = performance.now() + START_MS;
  while ((await ask()).exitCode !== 0) {
    if (performance.now() > deadline) throw new Error(`the container was not ready within ${START_MS / 1000} s`);
    await pause(50);
  }
}

function volumeName(folder: string): string {
  return `jobhive-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
}
