// Tokens that a worker could not give back in good order because Postgres was away: kept in Redis for a day, so that
// expire() does not count a deploy as a death. With both stores away the attempt is spent; README says so. Who cannot read
// them does not know that there are none.
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';

const KEPT_SECONDS = 24 * 3600;
const KEPT_MAX = 10_000;

export async function leaveClaims(store: RedisStore, keys: Keys, tokens: readonly string[]): Promise<void> {
  if (tokens.length === 0) return;
  const now = Date.now();
  await store.run((client) =>
    client
      .multi()
      .zadd(keys.left, ...tokens.flatMap((token) => [now, token]))
      .zremrangebyrank(keys.left, 0, -(KEPT_MAX + 1))
      .expire(keys.left, KEPT_SECONDS)
      .exec(),
  );
}

/** The tokens left behind; undefined where Redis is away. */
export async function leftClaims(store: RedisStore, keys: Keys): Promise<string[] | undefined> {
  if (!store.isReady) return undefined;
  return await store.run((client) => client.zrange(keys.left, '0', '-1'));
}
