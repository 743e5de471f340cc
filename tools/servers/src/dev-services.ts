/**
 * The services of a working copy, for whoever runs its programs. What the environment names is used as it is; the rest is
 * run by the copy's keeper, which all clients share and the last one ends. A client that is killed counts as gone at once.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { configuredDatabaseUrl, configuredRedisUrl } from './configured.ts';
import { ServerMissingError } from './errors.ts';
import { callKeeper, type KeeperCall } from './keeper-call.ts';
import { readServices, type ServiceName, stateFolder } from './state-folder.ts';

export interface ServiceAddresses {
  readonly redisUrl: string;
  readonly databaseUrl: string;
}

export interface DevServices extends ServiceAddresses {
  /** Gives them up. Where this was the last client it returns when they are stopped. Asked twice it does nothing. */
  release(): Promise<void>;
}

const START_MS = 180_000;

/** Uses the services of the working copy at `root`, starting what does not run. */
export async function useDevServices(root: string): Promise<DevServices> {
  const configured = { redisUrl: configuredRedisUrl(), databaseUrl: configuredDatabaseUrl() };
  const wanted: ServiceName[] = [];
  if (configured.redisUrl === undefined) wanted.push('redis');
  if (configured.databaseUrl === undefined) wanted.push('postgres');
  const call = wanted.length === 0 ? undefined : await holdKeeper(realpathSync(root), wanted);
  const running = call === undefined ? undefined : readServices(root);
  const redisUrl = configured.redisUrl ?? running?.redisUrl;
  const databaseUrl = configured.databaseUrl ?? running?.databaseUrl;
  if (redisUrl === undefined || databaseUrl === undefined)
    throw new Error('the services have just been stopped: start again');
  let released: Promise<void> | undefined;
  return { redisUrl, databaseUrl, release: () => (released ??= call?.end() ?? Promise.resolve()) };
}

/** The services that run now, or undefined where one of them does not. Starts and holds nothing. */
export async function findDevServices(root: string): Promise<ServiceAddresses | undefined> {
  const configured = { redisUrl: configuredRedisUrl(), databaseUrl: configuredDatabaseUrl() };
  if (configured.redisUrl !== undefined && configured.databaseUrl !== undefined) {
    return { redisUrl: configured.redisUrl, databaseUrl: configured.databaseUrl };
  }
  const call = await callKeeper(realpathSync(root), 'find');
  await call?.end();
  const running = readServices(root);
  if (call === undefined || call.stopping || running?.keeper !== call.keeper) return undefined;
  const redisUrl = configured.redisUrl ?? running.redisUrl;
  const databaseUrl = configured.databaseUrl ?? running.databaseUrl;
  return redisUrl === undefined || databaseUrl === undefined ? undefined : { redisUrl, databaseUrl };
}

async function holdKeeper(root: string, wanted: readonly ServiceName[]): Promise<KeeperCall> {
  const deadline = performance.now() + START_MS;
  const logFile = join(stateFolder(root), 'keeper.log');
  let started = false;
  while (performance.now() < deadline) {
    const call = await callKeeper(root, `use ${wanted.join(',')}`);
    if (call === undefined || call.stopping) {
      await call?.end();
      if (call === undefined && started === false) started = startKeeper(root, logFile);
      if (call !== undefined) started = false; // it is on its way out: the next one is ours to start
      await pause(30);
      continue;
    }
    const answer = await call.nextLine();
    if (answer === 'ready') return call;
    await call.end();
    if (answer?.startsWith('failed ') === true) throw new ServerMissingError(answer.slice('failed '.length));
    started = false; // it hung up: it was stopped meanwhile
  }
  throw new Error(
    `the services did not start within ${START_MS / 1000} s: ${readFileSync(logFile, 'utf8').slice(-1000)}`,
  );
}

function startKeeper(root: string, logFile: string): true {
  const log = openSync(logFile, 'w', 0o600);
  const keeper = fileURLToPath(new URL('keeper.ts', import.meta.url));
  const tsx = import.meta.resolve('tsx');
  const { JOBHIVE_TEST_SERVERS: _, NODE_OPTIONS: __, ...env } = process.env;
  spawn(process.execPath, ['--import', tsx, keeper, root], {
    detached: true,
    cwd: '/',
    stdio: ['ignore', log, log],
    env,
  }).unref();
  closeSync(log);
  return true;
}
