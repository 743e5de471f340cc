// An advisory lock held on a connection of its own: while it is there, this process lives. It is taken again after a
// broken connection. Behind a pooler in transaction mode there is none, and the lease alone tells of a death.
import { createHash } from 'node:crypto';
import { Socket } from 'node:net';
import { withDeadline } from '@jobhive/config';
import pg from 'pg';

export interface SessionLock {
  readonly key: bigint;
  /** Resolves once the lock is held, or rejects where the server cannot be reached. Does nothing while it is held. */
  ensure(): Promise<void>;
  readonly held: boolean;
  release(): Promise<void>;
}

/** A lock's key: 63 bits of the hash of the process instance's id. */
export function sessionKey(holderId: string): bigint {
  return createHash('sha256').update(`jobhive:holder:${holderId}`).digest().readBigUInt64BE() >> 1n;
}

const ANSWER_MS = 3000;
const GOODBYE_MS = 1000;

interface Session {
  readonly client: pg.Client;
  readonly socket: Socket;
}

function openSession(url: string): Session {
  const socket = new Socket();
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 1000,
    application_name: 'jobhive-session',
    stream: () => socket,
  });
  return { client, socket };
}

/** Says goodbye; a server that does not answer is left without. */
async function endSession({ client, socket }: Session): Promise<void> {
  await withDeadline(client.end(), GOODBYE_MS, 'the goodbye of the session lock').catch(() => undefined); // gone either way
  socket.destroy();
}

export function createSessionLock(url: string, holderId: string): SessionLock {
  const key = sessionKey(holderId);
  let session: Session | undefined;
  let taking: Promise<void> | undefined;

  const drop = (which: Session): void => {
    if (session === which) session = undefined;
    void endSession(which);
  };
  const take = async (): Promise<void> => {
    const next = openSession(url);
    next.client.on('error', () => {
      drop(next);
    });
    next.client.on('end', () => {
      drop(next);
    });
    try {
      await next.client.connect();
      await next.client.query('SELECT pg_advisory_lock($1::bigint)', [key]);
      session = next;
    } catch (error) {
      drop(next);
      throw error;
    }
  };
  return {
    key,
    get held() {
      return session !== undefined;
    },
    ensure: async () => {
      if (session !== undefined) return;
      taking ??= take().finally(() => (taking = undefined));
      await taking;
    },
    release: async () => {
      await taking?.catch(() => undefined); // told to who asked for it
      const held = session;
      session = undefined;
      if (held !== undefined) await endSession(held);
    },
  };
}
