/** Private Redis and Postgres for a fresh machine: what others may use. */
export { findChromium } from './chromium.ts';
export { configuredDatabaseUrl, configuredRedisUrl } from './configured.ts';
export { type DevServices, findDevServices, type ServiceAddresses, useDevServices } from './dev-services.ts';
export type { Program } from './test-program.ts';
export { ServerMissingError, ServerStartError } from './errors.ts';
export { forgetProcess, guardProcess } from './guard.ts';
export { freePort } from './port.ts';
export { startPrivatePostgres, type PrivatePostgresOptions } from './postgres.ts';
export { startPrivateRedis, type PrivateRedisOptions } from './redis.ts';
export { findPromtool } from './promtool.ts';
export type { RunningServer } from './running-server.ts';
export { findTmux } from './tmux.ts';
