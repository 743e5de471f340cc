/**
 * How fast jobs are settled, from the history: counted by the database's clock, so that a busy measuring process does not
 * change the figure.
 */
import { waitFor } from '@jobhive/test-kit';
import type { Bench } from './bench.ts';

/** Processed jobs. */
export function processed(bench: Bench): Promise<number> {
  return bench.value<number>(`SELECT count(*)::int FROM application_tracking WHERE status = 'processed'`);
}

export function now(bench: Bench): Promise<Date> {
  return bench.value<Date>('SELECT clock_timestamp()');
}

/** Jobs a second that were processed from one time to another. */
export async function rateBetween(bench: Bench, from: Date, to: Date): Promise<number> {
  const count = await bench.value<number>(
    `SELECT count(*)::int FROM job_events WHERE event = 'processed' AND at >= $1 AND at < $2`,
    [from, to],
  );
  return (count * 1000) / (to.getTime() - from.getTime());
}

/** Waits until so much time has gone by on the database's clock. @returns its time then */
export async function afterSeconds(bench: Bench, from: Date, seconds: number): Promise<Date> {
  const until = from.getTime() + 1000 * seconds;
  let at = from;
  await waitFor(`${String(seconds)} s`, async () => (at = await now(bench)).getTime() >= until, {
    timeoutMs: 1000 * seconds + 30_000,
    intervalMs: 100,
  });
  return at;
}

/** Longest time in which no job was claimed, in ms, within these bounds. */
export async function longestPauseMs(bench: Bench, from: Date, to: Date): Promise<number> {
  return bench.value<number>(
    `SELECT coalesce(max(extract(epoch FROM at - before) * 1000), 0)::float8 FROM (
       SELECT at, lag(at, 1, $1::timestamptz) OVER (ORDER BY at) AS before FROM (
         SELECT at FROM job_events WHERE event = 'claimed' AND at >= $1 AND at < $2 UNION ALL SELECT $2::timestamptz) e) g`,
    [from, to],
  );
}

/**
 * Claims of jobs for the first time that came after one which stood behind them in line (law 5), beyond `tolerance` places:
 * workers that take at one moment commit their claims in any order.
 */
export async function inversions(bench: Bench, tolerance: number): Promise<number> {
  return bench.value<number>(
    `SELECT count(*)::int FROM (
       SELECT queue_seq, max(queue_seq) OVER (ORDER BY at, e.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS highest
       FROM job_events e JOIN application_tracking t USING (job_id)
       WHERE event = 'claimed' AND e.attempt = 1) c WHERE highest - queue_seq > $1`,
    [tolerance],
  );
}
