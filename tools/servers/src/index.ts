/** Private Redis and Postgres for a fresh machine: what others may use. */
export { configuredDatabaseUrl, configuredRedisUrl } from './configured.ts';
export { type DevServices, findDevServices, type ServiceAddresses, useDevServices } from './dev-services.ts';
export { ServerMissingError, ServerStartError } from './errors.ts';
export { forgetProcess, guardProcess } from './guard.ts';
export { startPrivatePostgres, type PrivatePostgresOptions } from './postgres.ts';
export { startPrivateRedis, type PrivateRedisOptions } from './redis.ts';
export type { RunningServer } from './running-server.ts';
