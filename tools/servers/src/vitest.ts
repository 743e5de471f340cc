/**
 * Vitest's global set-up of every project: one throw-away Redis and one Postgres a run, their addresses in the environment
 * that the forks inherit. Where JOBHIVE_TEST_REDIS_URL or JOBHIVE_TEST_DATABASE_URL are set, those servers are used.
 */
import { startPrivatePostgres } from './postgres.ts';
import { startPrivateRedis } from './redis.ts';
import type { RunningServer } from './running-server.ts';

export default async function setUp(): Promise<() => Promise<void>> {
  const started = await Promise.all([
    offer('JOBHIVE_TEST_REDIS_URL', startPrivateRedis),
    offer('JOBHIVE_TEST_DATABASE_URL', startPrivatePostgres),
  ]);
  return async () => {
    await Promise.all(started.flatMap((server) => (server === undefined ? [] : [server.remove()])));
  };
}

async function offer(variable: string, start: () => Promise<RunningServer>): Promise<RunningServer | undefined> {
  if (process.env[variable]) return undefined;
  const server = await start();
  process.env[variable] = server.url;
  return server;
}
