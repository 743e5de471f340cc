// Is there somebody to do what waits, and is nothing held by a worker that is gone? A job is taken over when its lease runs
// out, by any living worker; where none lives, it stays.
import { duration } from '../../print/duration.ts';
import { isAway, type DoctorFacts } from '../facts.ts';
import { mend, ok, warn, type Finding } from '../finding.ts';

function pause(pausedAt: Date | null, now: Date): Finding {
  const since = pausedAt === null ? '' : ` for ${duration(now.getTime() - pausedAt.getTime())}`;
  return warn(
    'queue.paused',
    `the queue has been paused${since}; nothing is taken`,
    'run `monitor-cli resume` when it is over',
  );
}

export function checkWorkers({ postgres, redis }: DoctorFacts): readonly Finding[] {
  if (isAway(postgres) || postgres.queue === null) return [];
  const { state, figures } = postgres.queue;
  const lost = state.overdueClaims;
  const findings: Finding[] = [
    state.paused ? pause(state.pausedAt, state.now) : ok('queue.paused', 'the queue is not paused'),
    lost === 0
      ? ok('workers.lost', 'no job is held by a worker that is gone')
      : mend(
          'workers.lost',
          `${String(lost)} jobs are held by workers that are gone`,
          'start a worker: it takes them over within seconds',
        ),
  ];
  if (isAway(redis)) return findings;
  const alive = redis.workers.length;
  const undone = figures.depth + figures.delayed;
  if (alive > 0) return [...findings, ok('workers.alive', `${String(alive)} alive`)];
  const none = undone === 0 ? ok('workers.alive', 'none is alive, and nothing waits') : undefined;
  return [
    ...findings,
    none ?? mend('workers.alive', `none is alive, and ${String(undone)} jobs wait`, 'start one with `worker`'),
  ];
}
