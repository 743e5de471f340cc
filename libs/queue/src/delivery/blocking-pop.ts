// One connection that waits for the next id of the line. A call waits at most 5 s on the server; a connection that has not
// answered at 7 s is destroyed and dialled again (hazard 26). An end is asked for by the server's own word (CLIENT UNBLOCK), so that
// no id is taken by nobody (hazard 22); a server that does not end the call in time loses the connection instead.
import { sleep, withDeadline } from '@jobhive/config';
import type { RedisStore } from '../redis/connect.ts';
import type { Keys } from '../redis/keys.ts';

const BLOCK_SECONDS = 5;
const BLOCK_DESTROY_MS = 7000;
const UNBLOCK_BOUND_MS = 500;
const UNBLOCK_AGAIN_MS = 20;

export interface BlockingPop {
  readonly isReady: boolean;
  /** An id, now in `active`; null where none came in time or the wait was ended. */
  pop(): Promise<string | null>;
  /** Ends the wait that is under way, bounded. What it brings in its last moment is still given to who asked. */
  end(): Promise<void>;
}

export function createBlockingPop(store: RedisStore, keys: Keys): BlockingPop {
  const client = store.dial({ blocking: true });
  let clientId: number | undefined;
  let waiting: Promise<unknown> | undefined;
  client.on('error', () => undefined); // told by the store's own connection; this one dials for ever beside it
  client.on('close', () => (clientId = undefined));
  client.on('ready', () => {
    client.client('ID').then(
      (id) => (clientId = id),
      () => undefined, // the connection broke again: the next `ready` asks
    );
  });

  /** The word may overtake the call it is to end: said again until the call has ended. */
  const unblock = async (): Promise<void> => {
    while (waiting !== undefined) {
      const id = clientId;
      if (id !== undefined) await store.run((other) => other.client('UNBLOCK', id));
      await Promise.race([waiting, sleep(UNBLOCK_AGAIN_MS)]);
    }
  };
  return {
    get isReady() {
      return client.status === 'ready';
    },
    pop: async () => {
      const answer = client.brpoplpush(keys.waiting, keys.active, BLOCK_SECONDS);
      const ended = answer.then(
        () => (waiting = undefined),
        () => (waiting = undefined),
      );
      waiting = ended;
      return await withDeadline(answer, BLOCK_DESTROY_MS, 'BRPOPLPUSH').catch((error: unknown) => {
        client.disconnect(true);
        throw error;
      });
    },
    end: async () => {
      if (waiting !== undefined && client.status === 'ready') {
        await withDeadline(unblock(), UNBLOCK_BOUND_MS, 'the end of BRPOPLPUSH').catch(() => undefined); // then by force
      }
      client.disconnect();
    },
  };
}
