/**
 * Which Redis this machine offers: `redis-server` or `valkey-server` on the search path, else Debian's package in a private
 * cache. Undefined with the reasons where neither is to be had; then Docker is asked (containers.ts).
 */
import { debianRedis, type RedisBinary } from './debian-redis.ts';
import { onPath } from './search-path.ts';

export async function findRedis(refusals: string[], path?: string): Promise<RedisBinary | undefined> {
  const installed = onPath('redis-server', path) ?? onPath('valkey-server', path);
  if (installed !== undefined) return { file: installed, env: {} };
  try {
    const unpacked = await debianRedis();
    if (unpacked === undefined)
      refusals.push('no redis-server or valkey-server on the PATH, and no apt-get to fetch one privately');
    return unpacked;
  } catch (error) {
    refusals.push(`Debian's package could not be fetched (${error instanceof Error ? error.message : String(error)})`);
    return undefined;
  }
}
