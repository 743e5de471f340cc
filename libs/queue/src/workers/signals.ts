// "Look now": a word on a channel, so that a pause or a cancel is seen at once rather than at the next tick. It carries
// nothing and promises nothing; Postgres is the truth, and whoever misses the word looks within a second.
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';

export async function signalLook(store: RedisStore, keys: Keys): Promise<void> {
  if (!store.isReady) return;
  await store.run((client) => client.publish(keys.signals, 'look')).catch(() => undefined); // only quicker, never needed
}

/** Calls `look` at every word. @returns what ends it */
export function listenForSignals(store: RedisStore, keys: Keys, look: () => void): { stop(): void } {
  const client = store.dial();
  client.on('error', () => undefined); // told by the store's own connection
  client.on('message', look);
  client.on('ready', () => {
    client.subscribe(keys.signals).catch(() => undefined); // the connection broke again: the next `ready` subscribes
  });
  return {
    stop: () => {
      client.disconnect();
    },
  };
}
