// Is there room for connections, and does no long transaction keep old rows alive?
import type { LongTransaction, ServerFacts } from '@jobhive/db';
import { WORKER_CONNECTIONS_MAX } from '@jobhive/queue';
import { duration } from '../../print/duration.ts';
import { isAway, type DoctorFacts } from '../facts.ts';
import { mend, ok, warn, type Finding } from '../finding.ts';

/** What one more worker may open, and a look at it. */
const ROOM_MIN = WORKER_CONNECTIONS_MAX + 1;
const USED_PART_WARN = 0.8;
const LONG_SECONDS_MEND = 15 * 60;

/** @param workers living ones; 0 where Redis, which knows them, is away */
function connections({ connectionsMax, connectionsUsed }: ServerFacts, workers: number): Finding {
  const check = 'postgres.connections';
  const told = `${String(connectionsUsed)} of ${String(connectionsMax)} connections are in use`;
  const cure =
    'raise max_connections, run fewer processes, or put a pooler before Postgres (DATABASE_URL …?pgbouncer=true)';
  if (connectionsMax - connectionsUsed < ROOM_MIN) return mend(check, `${told}: no room for one more worker`, cure);
  if (connectionsUsed > connectionsMax * USED_PART_WARN) return warn(check, told, cure);
  const underLoad = workers * WORKER_CONNECTIONS_MAX;
  return underLoad > connectionsMax
    ? warn(check, `${told}, and ${String(workers)} living workers may open ${String(underLoad)} under load`, cure)
    : ok(check, told);
}

function transactions(long: readonly LongTransaction[]): Finding {
  const check = 'postgres.long_transactions';
  const oldest = long[0];
  if (oldest === undefined) return ok(check, 'none is older than a minute');
  const who =
    oldest.application === ''
      ? `process ${String(oldest.pid)}`
      : `${oldest.application} (process ${String(oldest.pid)})`;
  const told = `${String(long.length)} older than a minute; the oldest is ${who}, ${duration(oldest.seconds * 1000)}, ${oldest.state}`;
  const cure = `end it: SELECT pg_terminate_backend(${String(oldest.pid)})`;
  return oldest.seconds > LONG_SECONDS_MEND ? mend(check, told, cure) : warn(check, told, cure);
}

export function checkPostgresLoad({ postgres, redis }: DoctorFacts): readonly Finding[] {
  if (isAway(postgres)) return [];
  return [
    connections(postgres.server, isAway(redis) ? 0 : redis.workers.length),
    transactions(postgres.server.longTransactions),
  ];
}
