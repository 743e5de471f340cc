// One holder of a name at a time, by a row and the database's clock. It promises nothing about a holder that does not ask
// how long its lease still lasts: trust it from the moment it was asked for, less a margin.
import type { Executor, Statement } from '../connect/database.ts';

const TAKE: Statement = {
  name: 'take_lease',
  text: `INSERT INTO leases AS r (name, holder, until) VALUES ($1, $2::uuid, clock_timestamp() + $3::float8 * interval '1 ms')
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until, term = r.term + (r.holder <> excluded.holder)::int
    WHERE r.holder = excluded.holder OR r.until < clock_timestamp() RETURNING term::float8 AS term`,
};
const LEAVE: Statement = { name: 'leave_lease', text: `DELETE FROM leases WHERE name = $1 AND holder = $2::uuid` };
const HELD: Statement = {
  name: 'lease_held',
  text: `SELECT EXISTS (SELECT FROM leases WHERE name = $1 AND until >= clock_timestamp()) AS held`,
};

/** Takes or renews the lease. @returns its term, or undefined where another holds it */
export async function takeLease(
  db: Executor,
  name: string,
  holder: string,
  forMs: number,
): Promise<number | undefined> {
  return (await db.query<{ term: number }>(TAKE, [name, holder, forMs]))[0]?.term;
}

export async function leaveLease(db: Executor, name: string, holder: string): Promise<void> {
  await db.query(LEAVE, [name, holder]);
}

export async function isLeaseHeld(db: Executor, name: string): Promise<boolean> {
  return (await db.query<{ held: boolean }>(HELD, [name]))[0]?.held ?? false;
}
