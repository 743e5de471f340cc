/**
 * Whether both stores agree once nothing is under way: Redis' line is exactly what Postgres says is queued, in order; nobody
 * holds an id; the dead letters are those that failed. Read directly, not through the system under test.
 */
import { waitFor } from '@jobhive/test-kit';
import type { Bench } from './bench.ts';

const WAITING = 'bq:job_processing_queue:waiting';
const ACTIVE = 'bq:job_processing_queue:active';
const JOBS = 'bq:job_processing_queue:jobs';

/** In the order in which they will be taken. */
export async function lineInRedis({ redis }: Bench): Promise<readonly string[]> {
  return (await redis.client.lrange(WAITING, 0, -1)).reverse();
}

export async function lineInPostgres(bench: Bench): Promise<readonly string[]> {
  const rows = await bench.rows<{ job_id: string }>(
    `SELECT job_id FROM application_tracking WHERE status = 'queued' AND next_attempt_at IS NULL ORDER BY queue_seq`,
  );
  return rows.map(({ job_id }) => job_id);
}

/** Ids that Redis takes for being in hands, and that are settled. */
export async function settledInHands(bench: Bench): Promise<readonly string[]> {
  const active = await bench.redis.client.lrange(ACTIVE, 0, -1);
  const rows = await bench.rows<{ job_id: string }>(
    `SELECT job_id FROM application_tracking WHERE job_id = ANY($1::uuid[]) AND status NOT IN ('queued', 'processing')`,
    [active],
  );
  return rows.map(({ job_id }) => job_id);
}

/** Nothing waits, nothing is in hand. */
export function isQuiet(bench: Bench): Promise<boolean> {
  return bench.value<boolean>(`SELECT count(*) = 0 FROM application_tracking WHERE status IN ('queued', 'processing')`);
}

/** What differs, in words; empty where both agree. */
export async function disagreements(bench: Bench): Promise<readonly string[]> {
  const { client } = bench.redis;
  const [line, wanted, active, hash, dead] = await Promise.all([
    lineInRedis(bench),
    lineInPostgres(bench),
    client.lrange(ACTIVE, 0, -1),
    client.hlen(JOBS),
    client.zrange('failed_jobs', '0', '-1'),
  ]);
  const failed = await bench.rows<{ job_id: string }>(
    `SELECT job_id FROM application_tracking WHERE status = 'failed'`,
  );
  const found: string[] = [];
  if (line.join() !== wanted.join())
    found.push(
      `the line: ${String(line.length)} in Redis, ${String(wanted.length)} in Postgres, first difference at ${String(firstDifference(line, wanted))}`,
    );
  if (active.length > 0)
    found.push(`${String(active.length)} ids are in nobody's hands: ${active.slice(0, 3).join(' ')}`);
  if (hash !== line.length) found.push(`${String(hash)} entries for ${String(line.length)} ids in line`);
  if (
    [...dead].sort().join() !==
    failed
      .map(({ job_id }) => job_id)
      .sort()
      .join()
  )
    found.push(`dead letters: ${String(dead.length)} in Redis, ${String(failed.length)} in Postgres`);
  return found;
}

/** Both agree within the time, which the reconciler needs. */
export async function waitForAgreement(bench: Bench, timeoutMs = 30_000): Promise<void> {
  let last: readonly string[] = [];
  await waitFor('both stores agree', async () => (last = await disagreements(bench)).length === 0, {
    timeoutMs,
    describe: () => last.join('; '),
  });
}

export function firstDifference(a: readonly string[], b: readonly string[]): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i += 1) if (a[i] !== b[i]) return i;
  return -1;
}
