// Is there room for connections, and does no long transaction keep old rows alive?
import type { LongTransaction, ServerFacts } from '@jobhive/db';
import { duration } from '../../print/duration.ts';
import { isAway, type DoctorFacts } from '../facts.ts';
import { mend, ok, warn, type Finding } from '../finding.ts';

/** What one more worker may open. */
const ROOM_MIN = 8;
const USED_PART_WARN = 0.8;
const LONG_SECONDS_MEND = 15 * 60;

function connections({ connectionsMax, connectionsUsed }: ServerFacts): Finding {
  const check = 'postgres.connections';
  const told = `${String(connectionsUsed)} of ${String(connectionsMax)} connections are in use`;
  const cure =
    'raise max_connections, run fewer processes, or put a pooler before Postgres (DATABASE_URL …?pgbouncer=true)';
  if (connectionsMax - connectionsUsed < ROOM_MIN) return mend(check, `${told}: no room for one more worker`, cure);
  return connectionsUsed > connectionsMax * USED_PART_WARN ? warn(check, told, cure) : ok(check, told);
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

export function checkPostgresLoad({ postgres }: DoctorFacts): readonly Finding[] {
  if (isAway(postgres)) return [];
  return [connections(postgres.server), transactions(postgres.server.longTransactions)];
}
