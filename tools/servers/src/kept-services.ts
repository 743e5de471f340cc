/**
 * The services of one working copy as its keeper runs them: each is started when it is first asked for, on data that
 * outlives it, and written down for those who look for it. Redis writes every command to its log (appendonly), Postgres syncs:
 * a second `npm start` finds what was there.
 */
import { join } from 'node:path';
import { startPrivatePostgres } from './postgres.ts';
import { startPrivateRedis } from './redis.ts';
import type { RunningServer } from './running-server.ts';
import {
  removeServices,
  type RunningServices,
  type ServiceName,
  statePassword,
  writeServices,
} from './state-folder.ts';

export interface KeptServices {
  /** Resolves when all of these run; a service that failed is tried again when it is next asked for. */
  ensure(names: readonly ServiceName[]): Promise<void>;
  stop(): Promise<void>;
}

export function keptServices(folder: string, keeper: string): KeptServices {
  const started = new Map<ServiceName, Promise<RunningServer>>();
  let known: RunningServices = { keeper };

  const start = async (name: ServiceName): Promise<RunningServer> => {
    const server = await starters[name](folder);
    known = { ...known, [name === 'redis' ? 'redisUrl' : 'databaseUrl']: server.url };
    writeServices(folder, known);
    return server;
  };
  const ensureOne = async (name: ServiceName): Promise<void> => {
    const starting = started.get(name) ?? start(name);
    started.set(name, starting);
    try {
      await starting;
    } catch (error) {
      if (started.get(name) === starting) started.delete(name);
      throw error;
    }
  };
  return {
    ensure: async (names) => void (await Promise.all(names.map(ensureOne))),
    stop: async () => {
      removeServices(folder);
      const servers = await Promise.allSettled(started.values());
      await Promise.all(servers.flatMap((server) => (server.status === 'fulfilled' ? [server.value.remove()] : [])));
    },
  };
}

const starters: Record<ServiceName, (folder: string) => Promise<RunningServer>> = {
  redis: (folder) =>
    startPrivateRedis({
      source: 'any',
      dataDir: join(folder, 'redis'),
      appendonly: true,
      password: statePassword(folder),
    }),
  postgres: (folder) =>
    startPrivatePostgres({
      source: 'any',
      dataDir: join(folder, 'postgres'),
      database: 'jobhive',
      password: statePassword(folder),
      fsync: true,
    }),
};
