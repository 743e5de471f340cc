/**
 * A private Postgres on a free port of the loopback, with a password (scram). Without `dataDir` its data is thrown away with
 * it, or with the process that started it. `fsync` is off by default: what is thrown away need not survive the machine.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, runAs, serverAccount } from './account.ts';
import { exists } from './cache-folder.ts';
import { postgresContainer } from './containers.ts';
import { ServerMissingError } from './errors.ts';
import { endLeftover } from './leftover.ts';
import { findPostgres, type PostgresBinaries } from './postgres-binaries.ts';
import { keptPlace, throwAwayPlace } from './postgres-place.ts';
import { runServer, type RunningServer } from './running-server.ts';
import { demandedSource, type ServerSource } from './server-source.ts';

export interface PrivatePostgresOptions {
  /** More settings, such as `{ max_connections: '20' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Default false. */
  readonly fsync?: boolean;
  /** Made with the data; default `postgres`. */
  readonly database?: string;
  /** Of the user `postgres`, set when the data is made; default a random one. */
  readonly password?: string;
  /** A folder to keep the data in (or its stand-in in /var/tmp, for root); default one that is thrown away. */
  readonly dataDir?: string;
  /** Default a free one. */
  readonly port?: number;
  /** Where to take the server from; default what JOBHIVE_TEST_SERVERS says, else the first that works. */
  readonly source?: ServerSource;
}

/** What is decided before the data is made. */
interface Cluster {
  readonly binaries: PostgresBinaries;
  readonly account: Account | undefined;
  readonly place: string;
  readonly dataDir: string;
  readonly password: string;
  readonly database: string;
}

export async function startPrivatePostgres(options: PrivatePostgresOptions = {}): Promise<RunningServer> {
  const source = options.source ?? demandedSource();
  const password = options.password ?? randomBytes(16).toString('hex');
  const refusals: string[] = [];
  const account = source === 'containers' ? undefined : serverAccount();
  const binaries =
    source === 'containers' ? undefined : await findPostgres(account, { installed: source === 'any' }, refusals);
  if (binaries !== undefined) return startBinaries(binaries, account, { ...options, password });
  const container = await postgresContainer({ ...options, password }, refusals);
  if (container !== undefined) return container;
  throw new ServerMissingError(
    `no Postgres to be had: install PostgreSQL 15 to 18, start Docker, or set DATABASE_URL. Tried: ${refusals.join('; ')}`,
  );
}

async function startBinaries(
  binaries: PostgresBinaries,
  account: Account | undefined,
  options: PrivatePostgresOptions & { password: string },
): Promise<RunningServer> {
  const kept = options.dataDir === undefined ? undefined : `${options.dataDir}-${binaries.major}`;
  const place = kept === undefined ? await throwAwayPlace(account) : await keptPlace(account, kept);
  const database = options.database ?? 'postgres';
  const cluster = { binaries, account, place, dataDir: join(place, 'data'), password: options.password, database };
  await endLeftover(join(cluster.dataDir, 'postmaster.pid'), cluster.dataDir, 'SIGINT');
  await initialise(cluster);
  const settings = { ...defaults(options.fsync === true), ...options.settings };
  return runServer({
    name: 'postgres',
    dataDir: cluster.dataDir,
    logFile: join(place, 'postgres.log'),
    throwAwayFolder: kept === undefined ? place : undefined,
    port: options.port,
    stopSignal: 'SIGINT',
    orphanSignal: kept === undefined ? 'SIGQUIT' : 'SIGINT',
    command: (port) => ({
      file: join(binaries.folder, 'postgres'),
      account,
      args: ['-D', cluster.dataDir, '-p', String(port), ...flags(settings)],
    }),
    url: (port) => postgresUrl(port, options.password, database),
    ready: (_, pid) => postmasterReady(cluster.dataDir, pid),
  });
}

/**
 * Makes the data folder, and a mark beside it at the very end: data that is half made is made anew. So is data under another
 * password, which a working copy that once stood at this path has left in /var/tmp.
 */
async function initialise({ binaries, account, place, dataDir, password, database }: Cluster): Promise<void> {
  const mark = join(place, 'initialised');
  const meant = createHash('sha256').update(password).digest('hex');
  if ((await exists(mark)) && (await readFile(mark, 'utf8')) === meant) return;
  await rm(dataDir, { recursive: true, force: true });
  const passwordFile = join(place, 'password');
  await runAs(account, '/bin/sh', ['-c', 'umask 077; cat > "$1"', 'sh', passwordFile], { input: password });
  const how = [
    '-U',
    'postgres',
    '-A',
    'scram-sha-256',
    '--pwfile',
    passwordFile,
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ];
  await runAs(account, join(binaries.folder, 'initdb'), ['-D', dataDir, ...how]);
  await rm(passwordFile);
  if (database !== 'postgres') {
    const create = `create database "${database.replaceAll('"', '""')}"\n`;
    await runAs(account, join(binaries.folder, 'postgres'), ['--single', '-D', dataDir, 'postgres'], { input: create });
  }
  await writeFile(mark, meant, { mode: 0o600 });
}

export function defaults(fsync: boolean): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '', // TCP only: a socket's path has a length limit
    max_connections: '300',
    fsync: fsync ? 'on' : 'off',
    full_page_writes: fsync ? 'on' : 'off',
  };
}

export function flags(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

export function postgresUrl(port: number, password: string, database: string, host = '127.0.0.1'): string {
  return `postgres://postgres:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}

/** The server writes its pid into the first line, and its state into the eighth. */
async function postmasterReady(dataDir: string, pid: number): Promise<boolean> {
  try {
    const lines = (await readFile(join(dataDir, 'postmaster.pid'), 'utf8')).split('\n');
    return lines[0] === String(pid) && lines[7]?.trim() === 'ready';
  } catch {
    return false; // not written yet
  }
}
