/** Scenario 3, with delays to choose: a pipeline that always throws takes all attempts at their times, and is buried. */
import { expect } from 'vitest';
import { postings } from '../src/postings.ts';
import { withSystem } from '../src/system.ts';

/** A retry is taken at its time at the earliest, and at most this much after it, on a busy machine. */
const LATE_MS_MAX = 1_500;

export async function alwaysThrows(delaysSeconds: readonly number[], env: Record<string, string>): Promise<void> {
  await withSystem({ pipeline: 'throwing', env }, async (system) => {
    const { record, redis } = system;
    const [jobId = ''] = await system.discover(postings(1));
    await system.monitor('enqueue', jobId);
    await system.worker('thrower');
    const totalMs = delaysSeconds.reduce((sum, seconds) => sum + seconds * 1_000, 0);
    await record.untilStatus([jobId], 'failed', totalMs + 20_000);

    const claims = (await record.events(jobId)).filter(({ event }) => event === 'claimed');
    expect(claims.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    const retries = (await record.events(jobId)).filter(({ event }) => event === 'retry_scheduled');
    expect(retries.map(({ detail }) => detail['delay_seconds'])).toEqual(delaysSeconds);
    delaysSeconds.forEach((seconds, n) => {
      const waitedMs = Number(claims[n + 1]?.at) - Number(retries[n]?.at);
      expect(waitedMs).toBeGreaterThanOrEqual(seconds * 1_000);
      expect(waitedMs).toBeLessThan(seconds * 1_000 + LATE_MS_MAX);
    });

    const { error_info: error, finished_at: failedAt } = await record.row(jobId);
    const entry = (attempt: number): unknown => ({
      name: 'TypeError',
      message: `cannot read job ${jobId} in attempt ${String(attempt)}`,
      stack: expect.stringContaining('throwing.mjs') as unknown,
      stage: 'break',
      attempt,
      worker_name: 'thrower',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as unknown,
      fingerprint: error?.fingerprint,
      reason: 'error',
    });
    expect(error?.fingerprint).toMatch(/^[0-9a-f]{12}$/);
    expect(error).toEqual({ ...(entry(4) as object), previous: [entry(1), entry(2), entry(3)] });

    const dead = await redis.client.zrange('failed_jobs', '0', '-1', 'WITHSCORES');
    expect(dead[0]).toBe(jobId);
    expect(Math.abs(Number(dead[1]) - Number(failedAt))).toBeLessThan(1_000);
    const [row] = await system.monitor<readonly unknown[]>('failed');
    expect(row).toMatchObject({ job_id: jobId, attempts: 4, stage: 'break', name: 'TypeError' });
    const ledger = (await system.ledger()).map(({ stage, attempt }) => `${stage} ${String(attempt)}`);
    expect(ledger).toEqual(['prepare 1', 'break 1', 'break 2', 'break 3', 'break 4']);
  });
}
