/**
 * Services that the environment names (contract.md, "Environment"): they are used as they are, and none is started.
 */
export function configuredRedisUrl(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env['REDIS_URL']) return env['REDIS_URL'];
  const parts = ['REDIS_HOST', 'REDIS_PORT', 'REDIS_DB', 'REDIS_USERNAME', 'REDIS_PASSWORD'].map(
    (name) => env[name] || undefined,
  );
  if (parts.every((part) => part === undefined)) return undefined;
  const [host = 'localhost', port = '6379', db = '0', username = '', password] = parts;
  const auth = password === undefined ? '' : `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`;
  return `redis://${auth}${host}:${port}/${db}`;
}

export function configuredDatabaseUrl(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env['DATABASE_URL'] || undefined;
}
