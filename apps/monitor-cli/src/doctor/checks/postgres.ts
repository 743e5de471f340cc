// Is Postgres there, of a version that is known to work, writable, and does it keep what it has committed?
import { isAway, type DoctorFacts } from '../facts.ts';
import { mend, ok, warn, type Finding } from '../finding.ts';

const VERSION_MIN = 15;
const VERSION_MAX = 18;
const SLOW_MS = 50;

function version(versionNumber: number): Finding {
  const check = 'postgres.version';
  const major = Math.floor(versionNumber / 10_000);
  const name = `PostgreSQL ${String(major)}.${String(versionNumber % 10_000)}`;
  if (major < VERSION_MIN) return mend(check, `${name} is too old`, 'upgrade to PostgreSQL 15 to 18');
  if (major <= VERSION_MAX) return ok(check, name);
  return warn(
    check,
    `${name} is newer than what was tested (15 to 18)`,
    'use PostgreSQL 18 until a later version is named',
  );
}

function durability(server: { fsync: boolean; fullPageWrites: boolean; synchronousCommit: string }): Finding {
  const check = 'postgres.durability';
  const off = [
    ...(server.fsync ? [] : ['fsync']),
    ...(server.fullPageWrites ? [] : ['full_page_writes']),
    ...(server.synchronousCommit === 'off' ? ['synchronous_commit'] : []),
  ];
  if (off.length === 0) return ok(check, 'what is committed stays');
  const cures = off.map((name) => `ALTER SYSTEM SET ${name} = on`).join('; ');
  return warn(
    check,
    `${off.join(', ')} off: a crash of the machine loses what was accepted`,
    `${cures}; then SELECT pg_reload_conf()`,
  );
}

export function checkPostgres({ postgres }: DoctorFacts): readonly Finding[] {
  if (isAway(postgres)) return [mend('postgres.reachable', postgres.away, 'start Postgres, or correct DATABASE_URL')];
  const { server, latencyMs } = postgres;
  const latency = `${latencyMs.toFixed(1)} ms a round trip`;
  return [
    latencyMs > SLOW_MS
      ? warn('postgres.reachable', `answers slowly: ${latency}`, 'bring Postgres nearer, or look at its load')
      : ok('postgres.reachable', latency),
    version(server.versionNumber),
    server.readOnly
      ? mend('postgres.writable', 'the server takes no writes (a standby?)', 'point DATABASE_URL at the primary server')
      : ok('postgres.writable', 'takes writes'),
    durability(server),
  ];
}
