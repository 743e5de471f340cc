// Which errors mean that Postgres is away, busy, or refuses the data. Pure. An outage spends nobody's attempt and is
// waited out; a busy server is asked again; refused data is the job's own fault.

/**
 * - `away`: no answer to be had now (connection, shutdown, recovery, disk full, read-only, no free connection)
 * - `busy`: a lock or a statement took too long, or a deadlock was broken; nothing was changed, ask again
 * - `data`: the server refuses this very row (SQLSTATE class 22 or 54)
 * - `unmigrated`: a table, column or function is missing
 * - `denied`: the address, user, password or database is wrong
 * - `other`: a mistake of ours
 */
export type FailureKind = 'away' | 'busy' | 'data' | 'unmigrated' | 'denied' | 'other';

const AWAY_STATES = /^(08...|57P0.|53...|58...|25006|XX001)$/;
const BUSY_STATES = new Set(['40001', '40P01', '55P03', '57014']);
const UNMIGRATED_STATES = new Set(['42P01', '42703', '42883', '3F000']);
const DENIED_STATES = new Set(['28P01', '28000', '3D000', '42501']);
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EADDRNOTAVAIL',
]);
const AWAY_MESSAGES =
  /connection terminated|connection error|timeout exceeded|timeout expired|query read timeout|client has encountered|not queryable|client was closed|cannot use a pool after/i;

/** The kind of a failure of `pg`, told by its code first and by its words only where `pg` gives no code. */
export function failureKind(error: unknown): FailureKind {
  if (typeof error !== 'object' || error === null) return 'other';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (AWAY_CODES.has(code) || AWAY_STATES.test(code)) return 'away';
  if (BUSY_STATES.has(code)) return 'busy';
  if (/^(22|54)...$/.test(code)) return 'data';
  if (UNMIGRATED_STATES.has(code)) return 'unmigrated';
  if (DENIED_STATES.has(code)) return 'denied';
  if (error instanceof AggregateError && error.errors.some((inner) => failureKind(inner) === 'away')) return 'away';
  return code === '' && error instanceof Error && AWAY_MESSAGES.test(error.message) ? 'away' : 'other';
}
