// Gives back claims of this process that nobody works on: the attempt is unspent, the job stands in line again. A claim that
// was not won, or has ended, is left as it is.
import type { Logger, Metrics } from '@jobhive/config';
import type { TrackingRepository } from '@jobhive/db';
import type { Pusher } from '@jobhive/queue';

export interface GiveBackParts {
  readonly repository: TrackingRepository;
  readonly pusher: Pusher;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export async function giveBack(
  { repository, pusher, metrics, log }: GiveBackParts,
  claims: readonly { readonly jobId: string; readonly token: string }[],
  reason: 'postgres_away' | 'shutdown',
): Promise<void> {
  if (claims.length === 0) return;
  const settled = await repository.settle(
    claims.map(({ jobId, token }) => ({ jobId, token, outcome: { kind: 'given_back', reason } })),
  );
  const given = claims.flatMap(({ jobId }, i) => {
    const { verdict, status = null, queueSeq = null } = settled[i] ?? {};
    return verdict === 'done' ? [{ jobId, status, queueSeq }] : [];
  });
  for (const { jobId, status } of given) {
    metrics.attemptsTotal.inc({ outcome: 'given_back' });
    if (status !== null) metrics.jobsTotal.inc({ status });
    if (status === 'queued') log.event('job.given_back', { job_id: jobId, reason });
  }
  const back = given.flatMap(({ jobId, status, queueSeq }) =>
    status === 'queued' && queueSeq !== null ? [{ jobId, queueSeq }] : [],
  );
  if (back.length > 0) await pusher.push(back);
}
