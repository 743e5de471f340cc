// An advisory lock held on a connection of its own: while it is there, this process lives. It is taken again after a
// broken connection. Behind a pooler in transaction mode there is none, and the lease alone tells of a death.
import { createHash } from 'node:crypto';
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

export function createSessionLock(url: string, holderId: string): SessionLock {
  const key = sessionKey(holderId);
  let client: pg.Client | undefined;

  const drop = (which: pg.Client): void => {
    if (client === which) client = undefined;
    which.end().catch(() => undefined); // broken or not, it is of no use any more
  };
  return {
    key,
    get held() {
      return client !== undefined;
    },
    ensure: async () => {
      if (client !== undefined) return;
      const next = new pg.Client({
        connectionString: url,
        connectionTimeoutMillis: 3000,
        query_timeout: 3000,
        keepAlive: true,
        keepAliveInitialDelayMillis: 1000,
        application_name: 'jobhive-session',
      });
      next.on('error', () => {
        drop(next);
      });
      next.on('end', () => {
        drop(next);
      });
      try {
        await next.connect();
        await next.query('SELECT pg_advisory_lock($1::bigint)', [key]);
        client = next;
      } catch (error) {
        drop(next);
        throw error;
      }
    },
    release: async () => {
      const held = client;
      client = undefined;
      await held?.end();
    },
  };
}
