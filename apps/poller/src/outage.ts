// Which errors mean that a service is away or not ready: waited out by a poller that lives on, and nothing that a source
// could be blamed for. Pure.
import { failureKind } from '@jobhive/db';

const OUTAGE_CODES: ReadonlySet<unknown> = new Set(['postgres_away', 'postgres_denied', 'not_migrated', 'redis_away']);

export function isOutage(error: unknown): boolean {
  if (error instanceof Error && 'code' in error && OUTAGE_CODES.has(error.code)) return true;
  const kind = failureKind(error);
  return kind === 'away' || kind === 'busy';
}

/** Of those, what waiting alone may mend; the others need an operator, who is told when the program starts. */
export function isAway(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return isOutage(error) && code !== 'postgres_denied' && code !== 'not_migrated';
}
